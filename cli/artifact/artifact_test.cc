// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/testing/command_line.h"
#include "common/archive/pack.h"
#include "common/disk/temp_dir.h"
#include "common/fs/memory_tree.h"
#include "common/oci_testing/registry.h"
#include "common/testing/status_matchers.h"

namespace sluice::cli {
namespace {

using ::sluice::testing::IsOk;
using testing::RunCommandLine;

constexpr char kContent[] = "application/vnd.cncf.flux.content.v1.tar+gzip";

TEST_CASE("artifacts are listed, newest name first", "[cli]") {
  oci_testing::Registry registry;
  for (const char* tag : {"1.0.0", "1.2.0", "latest", "sha256-aa.sig"}) {
    registry.AddArtifact("org/app", tag, kContent, tag);
  }
  const std::string url = absl::StrCat("oci://", registry.host(), "/org/app");
  const auto all = RunCommandLine({"list", "artifacts", url});
  CHECK(all.code == 0);
  CHECK(absl::StartsWith(all.out, "ARTIFACT"));
  const size_t latest = all.out.find(url + ":latest\tsha256:");
  const size_t newer = all.out.find(url + ":1.2.0 \tsha256:");
  const size_t older = all.out.find(url + ":1.0.0 \tsha256:");
  CHECK(latest < newer);
  CHECK(newer < older);
  CHECK(older != std::string::npos);
  CHECK_FALSE(absl::StrContains(all.out, ".sig"));
  const auto some = RunCommandLine({"list", "artifacts", url, "--filter-semver", ">=1.1"});
  CHECK(absl::StrContains(some.out, ":1.2.0"));
  CHECK_FALSE(absl::StrContains(some.out, ":1.0.0"));
  CHECK_FALSE(absl::StrContains(
      RunCommandLine({"list", "artifacts", url, "--filter-regex", "^l"}).out, ":1.2.0"));
  CHECK(RunCommandLine({"list", "artifacts", registry.host() + "/org/app"}).code == 2);
  CHECK(RunCommandLine({"list", "artifacts", url + "-none"}).code == 1);
}

TEST_CASE("an artifact is unpacked into a folder", "[cli]") {
  const fs::MemoryTree tree =
      fs::MemoryTree::FromFiles({{"apps/a.yaml", "one\n"}, {"b.yaml", "two\n"}}).value();
  std::string packed;
  REQUIRE_THAT(archive::Pack(tree,
                             [&packed](absl::string_view bytes) {
                               absl::StrAppend(&packed, bytes);
                               return absl::OkStatus();
                             }),
               IsOk());
  oci_testing::Registry registry;
  const std::string digest = registry.AddArtifact("org/app", "1.0.0", kContent, packed);
  const disk::TempDir dir = disk::TempDir::Create("sluice-pull-test-").value();
  const std::string url = absl::StrCat("oci://", registry.host(), "/org/app:1.0.0");
  const auto output = RunCommandLine({"pull", "artifact", url, "-o", dir.path()});
  CHECK(output.code == 0);
  CHECK(output.err == absl::StrCat("► pulling artifact from ", url, "\n✔ revision 1.0.0\n✔ digest ",
                                   digest, "\n✔ artifact content extracted to ", dir.path(), "\n"));
  std::ostringstream text;
  text << std::ifstream(dir.path() + "/apps/a.yaml").rdbuf();
  CHECK(text.str() == "one\n");
}

TEST_CASE("an artifact that is no archive leaves nothing behind", "[cli]") {
  oci_testing::Registry registry;
  registry.AddArtifact("org/app", "1.0.0", kContent, "no archive");
  const disk::TempDir dir = disk::TempDir::Create("sluice-pull-test-").value();
  const std::string url = absl::StrCat("oci://", registry.host(), "/org/app:1.0.0");
  CHECK(RunCommandLine({"pull", "artifact", url}).code == 2);
  CHECK(RunCommandLine({"pull", "artifact", url, "-o", dir.path() + "/none"}).code == 2);
  const auto broken = RunCommandLine({"pull", "artifact", url, "-o", dir.path()});
  CHECK(broken.code == 1);
  CHECK(absl::StrContains(broken.err, "► pulling artifact from " + url));
}

TEST_CASE("a folder is pushed, compared, tagged and pulled again", "[cli]") {
  oci_testing::RegistryOptions access;
  access.access = oci_testing::RegistryOptions::Access::kBearer;
  access.username = "me";
  access.password = "secret";
  const oci_testing::Registry registry(access);
  const disk::TempDir dir = disk::TempDir::Create("sluice-push-test-").value();
  const std::string source = dir.path() + "/source";
  std::filesystem::create_directories(source + "/apps");
  std::filesystem::create_directories(source + "/.git");
  std::ofstream(source + "/apps/a.yaml") << "one\n";
  std::ofstream(source + "/.git/config") << "private\n";
  std::ofstream(source + "/logo.png") << "picture";
  const std::string base = absl::StrCat("oci://", registry.host(), "/org/app");
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin() + 2, "--creds=me:secret");
    return RunCommandLine(std::move(words));
  };
  const std::vector<std::string> push = {"push",
                                         "artifact",
                                         base + ":1.0.0",
                                         "--path",
                                         source,
                                         "--source",
                                         "https://example.org/r",
                                         "--revision",
                                         "main@sha1:aa",
                                         "--reproducible",
                                         "-a",
                                         "team=a"};
  const auto pushed = run(push);
  INFO(pushed.err);
  REQUIRE(pushed.code == 0);
  const size_t at = pushed.err.find("@sha256:");
  REQUIRE(at != std::string::npos);
  CHECK(run(push).err.substr(at) == pushed.err.substr(at));  // reproducible
  CHECK(run({"diff", "artifact", base + ":1.0.0", "--path", source}).code == 0);

  CHECK(run({"tag", "artifact", base + ":1.0.0", "--tag", "stable", "--tag=v1"}).code == 0);
  const auto listed = run({"list", "artifacts", base});
  for (const char* part : {":stable", ":v1", "https://example.org/r", "main@sha1:aa"}) {
    CHECK(absl::StrContains(listed.out, part));
  }
  const std::string target = dir.path() + "/target";
  std::filesystem::create_directories(target);
  REQUIRE(run({"pull", "artifact", base + ":stable", "-o", target}).code == 0);
  CHECK(std::filesystem::exists(target + "/apps/a.yaml"));
  CHECK_FALSE(std::filesystem::exists(target + "/.git/config"));
  CHECK_FALSE(std::filesystem::exists(target + "/logo.png"));

  std::ofstream(source + "/apps/a.yaml") << "two\n";
  std::ofstream(source + "/b.yaml") << "new\n";
  const auto differs = run({"diff", "artifact", base + ":1.0.0", "--path", source});
  CHECK(differs.code == 1);
  CHECK(differs.out == "~ apps/a.yaml\n+ b.yaml\n");
}

TEST_CASE("what push and tag are not told is asked for", "[cli]") {
  const std::string url = "oci://127.0.0.1:1/org/app:1.0.0";
  CHECK(RunCommandLine({"push", "artifact", url, "--path=.", "--revision=a"}).code == 2);
  CHECK(RunCommandLine({"push", "artifact", url, "--path=.", "--source=a"}).code == 2);
  CHECK(RunCommandLine({"push", "artifact", url, "--source=a", "--revision=a"}).code == 2);
  CHECK(RunCommandLine({"push", "artifact", url, "--path=.", "--source=a", "--revision=a", "-a=x"})
            .code == 2);
  CHECK(RunCommandLine({"tag", "artifact", url}).code == 2);
}

}  // namespace
}  // namespace sluice::cli
