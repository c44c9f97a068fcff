// SPDX-License-Identifier: Apache-2.0
#include "tests/images/image_loop.h"

#include <catch2/catch.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace sluice::images {

using e2e::Eventually;
using e2e::GitRepositoryManifest;
using e2e::ReadyMessage;
using e2e::Run;
using e2e::WriteFile;

using git_testing::GitServer;

std::string WebManifest(absl::string_view ns, absl::string_view image) {
  return absl::StrCat("# The web tier.\r\napiVersion: apps/v1\r\nkind: Deployment\r\nmetadata:\r\n",
                      "    name: web\r\n    namespace: ", ns,
                      "\r\nspec:\r\n    selector: {matchLabels: {app: web}}\r\n    template:\r\n",
                      "        metadata: {labels: {app: web}}\r\n        spec:\r\n",
                      "            containers:\r\n            -   name:  \"web\"\r\n",
                      "                image:   '", image, "'   # {\"$imagepolicy\": \"", ns,
                      ":app\"}\r\n\r\n\r\n                args: [\"--a\",   '--b']\r\n");
}

ImageLoop::ImageLoop(ClusterOptions options, oci_testing::RegistryOptions registry)
    : registry_(std::move(registry)) {
  options.controllers = {"source-controller", "kustomize-controller", "image-controller"};
  options.flags["image-controller"].push_back("--storage-path=" + tags_.path());
  options.flags["image-controller"].push_back("--requeue-dependency=2s");
  auto started = Cluster::Start(options);
  INFO(started.status());
  REQUIRE(started.ok());
  cluster_ = *std::move(started);
  server_ = std::make_unique<GitServer>(cluster_->git_root(),
                                        git_testing::GitServerOptions{.allow_push = true});
  REQUIRE(GitRepository::Create(work_.path()).ok());
  REQUIRE(Run({"/usr/bin/git", "init", "-q", "--bare", "-b", "main", repository_path()}).ok());
  CommitElsewhere(kWebManifest, WebManifest(cluster_->ns(), image() + ":1.0.0"));
  AddTag("1.0.0");
}

void ImageLoop::Apply(Value object) {
  const absl::Status applied = cluster_->Apply(std::move(object));
  INFO(applied);
  REQUIRE(applied.ok());
}

void ImageLoop::AddTag(absl::string_view tag) {
  registry_.AddArtifact("team/app", tag, "application/octet-stream", tag);
}

void ImageLoop::AddSource(absl::string_view url, absl::string_view secret) {
  const std::string own = server_->Url("repo.git");
  Value source = GitRepositoryManifest("repo", url.empty() ? own : url, "10m");
  if (!secret.empty()) source.Ensure("spec").Set("secretRef", {{"name", secret}});
  Apply(std::move(source));
}

void ImageLoop::AddPolicy(absl::string_view image, absl::string_view interval) {
  Apply({{"apiVersion", kImageApi},
         {"kind", "ImageRepository"},
         {"metadata", {{"name", "app"}}},
         {"spec", {{"image", image}, {"interval", interval}, {"timeout", "30s"}}}});
  Apply({{"apiVersion", kImageApi},
         {"kind", "ImagePolicy"},
         {"metadata", {{"name", "app"}}},
         {"spec",
          {{"imageRepositoryRef", {{"name", "app"}}},
           {"policy", {{"semver", {{"range", ">=1.0.0"}}}}}}}});
}

void ImageLoop::AddAutomation(absl::string_view name, Value git) {
  Apply({{"apiVersion", kImageApi},
         {"kind", "ImageUpdateAutomation"},
         {"metadata", {{"name", name}}},
         {"spec",
          {{"interval", "10m"},
           {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}},
           {"git", std::move(git)},
           {"update", {{"strategy", "Setters"}, {"path", "./apps"}}}}}});
}

Value ImageLoop::GitSpec(absl::string_view branch) {
  Value git = {{"checkout", {{"ref", {{"branch", "main"}}}}},
               {"commit",
                {{"author", {{"name", "Bot"}, {"email", "bot@example.org"}}},
                 {"messageTemplate",
                  "Update {{ .AutomationObject.Name }}\n{{ range .Changed.Changes }}\n"
                  "{{ .OldValue }} -> {{ .NewValue }}{{ end }}\n"}}}};
  if (!branch.empty()) git.Set("push", {{"branch", branch}});
  return git;
}

std::string ImageLoop::Git(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"/usr/bin/git", "-C", repository_path()};
  command.insert(command.end(), arguments.begin(), arguments.end());
  auto output = Run(command, {{"GIT_CONFIG_GLOBAL", "/dev/null"}});
  return output.ok() ? std::string(absl::StripSuffix(*output, "\n"))
                     : absl::StrCat("git failed: ", output.status().message());
}

int ImageLoop::CommitsOn(absl::string_view branch) {
  int count = -1;
  return absl::SimpleAtoi(Git({"rev-list", "--count", std::string(branch)}), &count) ? count : -1;
}

std::string ImageLoop::FileAt(absl::string_view branch, absl::string_view path) {
  return Git({"show", absl::StrCat(branch, ":", path)});
}

void ImageLoop::CommitElsewhere(absl::string_view path, absl::string_view content) {
  const auto git = [this](std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"/usr/bin/git", "-C", work_.path(), "-c",
                                         "user.name=Other", "-c", "user.email=other@example.org"});
    const auto done = Run(arguments, {{"GIT_CONFIG_GLOBAL", "/dev/null"}});
    INFO(done.status());
    REQUIRE(done.ok());
  };
  if (CommitsOn("main") > 0) git({"pull", "-q", "--ff-only", repository_path(), "main"});
  WriteFile(work_ / path, content);
  git({"add", "-A"});
  git({"commit", "-q", "-m", "Change elsewhere"});
  git({"push", "-q", repository_path(), "HEAD:refs/heads/main"});
}

void ImageLoop::Await(absl::string_view what, const std::function<bool()>& condition) {
  CAPTURE(std::string(what));
  const bool came = Eventually(kImageLimit, condition);
  if (!came) UNSCOPED_INFO(cluster_->Describe());
  REQUIRE(came);
}

void ImageLoop::AwaitImage(absl::string_view branch, absl::string_view image) {
  const std::string wanted(absl::StripSuffix(WebManifest(cluster_->ns(), image), "\n"));
  Await(absl::StrCat(branch, " has ", image),
        [&] { return FileAt(branch, kWebManifest) == wanted; });
}

bool ImageLoop::IsReady(absl::string_view kind, absl::string_view name) {
  return ReadyMessage(cluster_->Get(kImageApi, kind, name), "True").has_value();
}

std::string ImageLoop::StatusOf(absl::string_view kind, absl::string_view name,
                                absl::string_view field) {
  const auto object = cluster_->Get(kImageApi, kind, name);
  return object.has_value() ? std::string((*object)["status"][field].str()) : "";
}

}  // namespace sluice::images
