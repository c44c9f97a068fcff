// The fourth stage of the loop: a tag in a registry becomes a commit, the commit what runs.

// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/clock.h"
#include "tests/images/docker_registry.h"
#include "tests/images/image_loop.h"
#include "tests/images/ssh_server.h"

namespace sluice::images {

using e2e::kSourceApi;
using e2e::KustomizationManifest;
using e2e::ReadyMessage;
using e2e::Run;
using e2e::WriteFile;
namespace {

std::string RunningImage(Cluster& cluster) {
  const auto web = cluster.Get("apps/v1", "Deployment", "web");
  if (!web.has_value()) return "";
  return std::string((*web)["spec"]["template"]["spec"]["containers"].at(0)["image"].str());
}

TEST_CASE("a tag pushed to a registry becomes a commit and a running image", "[e2e]") {
  ImageLoop loop;
  std::optional<DockerRegistry> docker;
  std::string image = loop.image();
  if (DockerRegistry::IsInstalled()) {
    docker.emplace();
    docker->Push("team/app", "1.0.0");
    image = docker->host() + "/team/app";
  } else {
    WARN("docker-registry is not installed: the registry of the test's process is used");
  }
  const auto add_tag = [&](absl::string_view tag) {
    docker.has_value() ? docker->Push("team/app", tag) : loop.AddTag(tag);
  };
  loop.AddSource();
  loop.Apply(KustomizationManifest("app", "repo", "./apps", "10m"));
  loop.AddPolicy(image, "1s");
  loop.AddAutomation("auto", ImageLoop::GitSpec());
  loop.AwaitImage("main", image + ":1.0.0");
  loop.Await("the first image runs",
             [&] { return RunningImage(loop.cluster()) == image + ":1.0.0"; });
  const int before = loop.CommitsOn("main");

  add_tag("1.1.0");
  const absl::Time visible = RealClock().Now();
  loop.AwaitImage("main", image + ":1.1.0");
  const absl::Time pushed = RealClock().Now();
  loop.Await("the new image runs",
             [&] { return RunningImage(loop.cluster()) == image + ":1.1.0"; });
  const absl::Time running = RealClock().Now();
  std::cout << "tag visible to commit pushed: " << pushed - visible
            << ", to Deployment patched: " << running - visible << " (scan interval 1s)\n";

  CHECK(loop.CommitsOn("main") == before + 1);
  CHECK(loop.Git({"log", "-1", "--format=%an <%ae>|%cn|%B", "main"}) ==
        absl::StrCat("Bot <bot@example.org>|Bot|Update auto\n\n", image, ":1.0.0 -> ", image,
                     ":1.1.0\n"));
  loop.Await("the automation is ready", [&] {
    return loop.IsReady("ImageUpdateAutomation", "auto") &&
           loop.StatusOf("ImageUpdateAutomation", "auto", "lastPushCommit") ==
               loop.Git({"rev-parse", "main"});
  });
  CHECK(loop.StatusOf("ImageUpdateAutomation", "auto", "observedSourceRevision") ==
        "main@sha1:" + loop.Git({"rev-parse", "main"}));
  loop.Await("the push is told of", [&] {
    return absl::StrContains(
        absl::StrJoin(loop.cluster().Events("ImageUpdateAutomation", "auto"), "\n"),
        absl::StrCat("Normal Succeeded pushed commit '",
                     loop.Git({"rev-parse", "main"}).substr(0, 7),
                     "' to branch 'main'\nUpdate auto"));
  });
  CHECK(loop.Git({"fsck", "--strict"}).find("error") == std::string::npos);
  CHECK(loop.cluster().Casualties() == "");
}

TEST_CASE("manifests with nothing but a source are automated with defaults", "[e2e]") {
  ImageLoop loop;
  loop.AddTag("2.0.0");
  // As in manifests of 2022: older versions, the branch beside the URL, no interval, no spec.git.
  loop.Apply(
      {{"apiVersion", kSourceApi},
       {"kind", "GitRepository"},
       {"metadata", {{"name", "repo"}}},
       {"spec", {{"interval", "1m"}, {"url", loop.server().Url("repo.git")}, {"branch", "main"}}}});
  loop.Apply({{"apiVersion", "image.toolkit.fluxcd.io/v1beta1"},
              {"kind", "ImageRepository"},
              {"metadata", {{"name", "app"}}},
              {"spec", {{"image", loop.image()}, {"interval", "1m"}}}});
  loop.Apply(
      {{"apiVersion", "image.toolkit.fluxcd.io/v1beta2"},
       {"kind", "ImagePolicy"},
       {"metadata", {{"name", "app"}}},
       {"spec",
        {{"imageRepositoryRef", {{"name", "app"}}}, {"policy", {{"semver", {{"range", "*"}}}}}}}});
  loop.Apply({{"apiVersion", "image.toolkit.fluxcd.io/v1beta1"},
              {"kind", "ImageUpdateAutomation"},
              {"metadata", {{"name", "auto"}}},
              {"spec",
               {{"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}},
                {"update", {{"strategy", "Setters"}}}}}});
  loop.AwaitImage("main", loop.image() + ":2.0.0");
  CHECK(loop.Git({"log", "-1", "--format=%an <%ae>|%B", "main"}) ==
        "sluice <sluice@localhost>|Update from image update automation");
}

TEST_CASE("commits are signed so that git itself verifies them", "[e2e]") {
  if (!std::filesystem::exists("/usr/bin/gpg") || !std::filesystem::exists("/usr/bin/ssh-keygen")) {
    WARN("gpg or ssh-keygen is not installed: nothing tested");
    return;
  }
  ImageLoop loop;
  loop.AddTag("1.2.3");
  const TempDir keys;
  const std::vector<std::pair<std::string, std::string>> gpg = {{"GNUPGHOME", keys / "gpg"}};
  std::filesystem::create_directory(keys / "gpg");
  REQUIRE(chmod((keys / "gpg").c_str(), 0700) == 0);
  REQUIRE(
      Run({"/usr/bin/gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase",
           "open sesame", "--quick-gen-key", "Bot <bot@example.org>", "ed25519", "sign", "never"},
          gpg)
          .ok());
  const auto secret_key = Run({"/usr/bin/gpg", "--batch", "--quiet", "--pinentry-mode", "loopback",
                               "--passphrase", "open sesame", "--armor", "--export-secret-keys"},
                              gpg);
  REQUIRE(secret_key.ok());
  REQUIRE(Run({"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-C", "", "-f",
               keys / "ssh"})
              .ok());
  WriteFile(keys / "signers", "bot@example.org " + ReadFile(keys / "ssh.pub"));
  const auto add_secret = [&](const char* name, Value data) {
    loop.Apply({{"apiVersion", "v1"},
                {"kind", "Secret"},
                {"metadata", {{"name", name}}},
                {"stringData", std::move(data)}});
  };
  add_secret("gpg", {{"git.asc", *secret_key}, {"passphrase", "open sesame"}});
  add_secret("ssh", {{"identity", ReadFile(keys / "ssh")}, {"password", "open sesame"}});
  add_secret("empty", {{"identity", "x"}});
  loop.AddSource();
  loop.AddPolicy(loop.image());
  for (const char* type : {"gpg", "ssh", "empty"}) {
    Value git = ImageLoop::GitSpec(absl::StrCat("by-", type));
    git.Ensure("commit").Set("signingKey", {{"secretRef", {{"name", type}}},
                                            {"type", std::string(type) == "ssh" ? "ssh" : "gpg"}});
    loop.AddAutomation(type, std::move(git));
  }
  loop.AwaitImage("by-gpg", loop.image() + ":1.2.3");
  loop.AwaitImage("by-ssh", loop.image() + ":1.2.3");
  const auto verify = [&](const std::vector<std::string>& settings, const char* branch) {
    std::vector<std::string> command = {"/usr/bin/git", "-C", loop.repository_path()};
    command.insert(command.end(), settings.begin(), settings.end());
    command.insert(command.end(), {"verify-commit", branch});
    const auto verified =
        Run(command, {{"GNUPGHOME", keys / "gpg"}, {"GIT_CONFIG_GLOBAL", "/dev/null"}});
    INFO(verified.status());
    CHECK(verified.ok());
  };
  verify({}, "by-gpg");
  verify({"-c", absl::StrCat("gpg.ssh.allowedSignersFile=", keys / "signers")}, "by-ssh");
  loop.Await("a Secret without the key is told of", [&] {
    const auto message =
        ReadyMessage(loop.cluster().Get(kImageApi, "ImageUpdateAutomation", "empty"), "False");
    return absl::StrContains(message.value_or(""), "does not contain a 'git.asc' key");
  });
  CHECK_FALSE(absl::StrContains(loop.cluster().Describe(), "open sesame"));
}

TEST_CASE("a push goes over SSH to git's own server, with options and a refspec", "[e2e]") {
  if (!SshServer::IsInstalled()) {
    WARN("sshd is not installed: nothing tested");
    return;
  }
  ImageLoop loop;
  loop.AddTag("1.3.0");
  const SshServer ssh;
  loop.Git({"config", "receive.advertisePushOptions", "true"});
  WriteFile(loop.repository_path() + "/hooks/pre-receive",
            "#!/bin/sh\nfor i in $(seq 0 $((GIT_PUSH_OPTION_COUNT - 1))); do\n"
            "  eval echo \\$GIT_PUSH_OPTION_$i >> options\ndone\n");
  REQUIRE(chmod((loop.repository_path() + "/hooks/pre-receive").c_str(), 0755) == 0);
  loop.Apply(
      {{"apiVersion", "v1"},
       {"kind", "Secret"},
       {"metadata", {{"name", "ssh"}}},
       {"stringData", {{"identity", ssh.client_key()}, {"known_hosts", ssh.known_hosts()}}}});
  loop.AddSource(ssh.Url(loop.repository_path()), "ssh");
  loop.AddPolicy(loop.image());
  Value git = ImageLoop::GitSpec("auto");
  git.Ensure("push").Set("refspec", "refs/heads/auto:refs/heads/copy");
  git.Ensure("push").Set("options", {{"ci.skip", "true"}, {"topic", "images"}});
  loop.AddAutomation("auto", std::move(git));
  loop.AwaitImage("auto", loop.image() + ":1.3.0");
  loop.Await("the refspec is pushed", [&] {
    return loop.Git({"rev-parse", "copy"}) == loop.Git({"rev-parse", "auto"});
  });
  CHECK(ReadFile(loop.repository_path() + "/options") == "ci.skip=true\ntopic=images\n");
  CHECK(loop.CommitsOn("auto") == loop.CommitsOn("main") + 1);
  // The next image goes on top, not beside it.
  loop.AddTag("1.4.0");
  REQUIRE(loop.cluster().Trigger(kImageApi, "ImageRepository", "app").ok());
  loop.AwaitImage("auto", loop.image() + ":1.4.0");
  CHECK(loop.CommitsOn("auto") == loop.CommitsOn("main") + 2);
  CHECK(loop.FileAt("main", kWebManifest) + "\n" ==
        WebManifest(loop.cluster().ns(), loop.image() + ":1.0.0"));
}

}  // namespace
}  // namespace sluice::images
