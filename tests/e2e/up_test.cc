// `sluice up`: a repository on this machine, synced without anything else.

// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr char kConfigMap[] = R"(apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: default}
data: {greeting: hello}
)";

// As `flux bootstrap` leaves it in a repository.
constexpr char kBootstrapped[] = R"(apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: "ssh://git@git.example.com/fleet", secretRef: {name: flux-system}}
)";

// A repository "My Configs" on branch main; `up` keeps its folder in `dir` too.
struct Fixture {
  TempDir dir;
  GitRepository repository = GitRepository::Create(dir / "My Configs").value();
  std::vector<std::pair<std::string, std::string>> environment = {{"TMPDIR", dir / "tmp"}};

  Fixture() { std::filesystem::create_directory(dir / "tmp"); }
  absl::StatusOr<std::string> Up(std::vector<std::string> words) {
    words.insert(words.begin(), {Program("sluice"), "up"});
    return Run(words, environment);
  }
  bool LeftNothing() const { return std::filesystem::is_empty(dir / "tmp"); }
};

TEST_CASE("up syncs a folder's repository, and leaves nothing behind", "[e2e][up]") {
  Fixture fixture;
  fixture.repository.Write("apps/settings.yaml", kConfigMap);
  fixture.repository.Write("apps/flux-system/gotk-sync.yaml", kBootstrapped);
  REQUIRE_THAT(fixture.repository.Commit("Settings").status(), IsOk());
  const auto output = fixture.Up({fixture.repository.path(), "./apps", "--once"});
  REQUIRE_THAT(output.status(), IsOk());
  INFO(*output);
  CHECK(absl::StrContains(*output, "✔ Kustomization/flux-system/flux-system  main@sha1:"));
  CHECK(absl::StrContains(*output, "✔ ConfigMap/default/settings"));
  CHECK(fixture.LeftNothing());
}

TEST_CASE("up says why a repository does not sync", "[e2e][up]") {
  Fixture fixture;
  fixture.repository.Write("apps/settings.yaml", kConfigMap);
  REQUIRE_THAT(fixture.repository.Commit("Settings").status(), IsOk());
  struct Row {
    std::vector<std::string> words;
    std::string message;
  };
  const Row rows[] = {
      {{fixture.repository.path(), "./none", "--once", "--timeout", "5s"}, "path not found"},
      {{fixture.dir / "tmp", "--once"}, "repository"},
      {{fixture.repository.path(), "--branch", "none", "--once", "--timeout", "5s"}, "none"},
      {{"--once"}, "which?"},
  };
  for (const Row& row : rows) {
    INFO(row.words[0]);
    CHECK_THAT(fixture.Up(row.words).status(), StatusIs(absl::StatusCode::kUnknown, row.message));
    CHECK(fixture.LeftNothing());
  }
}

TEST_CASE("up goes on until it is told to end, and ends what it has started", "[e2e][up]") {
  Fixture fixture;
  const std::string kubeconfig = fixture.dir / "kubeconfig";
  auto up = Process::Start({Program("sluice"), "up", "--write-kubeconfig", kubeconfig},
                           fixture.dir / "log", fixture.environment);
  REQUIRE_THAT(up.status(), IsOk());
  REQUIRE_THAT(AwaitFile(kubeconfig, **up, absl::Seconds(20)).status(), IsOk());
  CHECK_THAT(Run({Program("sluice"), "get", "all", "--kubeconfig", kubeconfig}).status(), IsOk());
  const auto code = (*up)->End(SIGTERM, absl::Seconds(20));
  REQUIRE_THAT(code.status(), IsOk());
  CHECK(*code == 130);
  CHECK(fixture.LeftNothing());
  CHECK_FALSE(Run({Program("sluice"), "get", "all", "--kubeconfig", kubeconfig}).ok());
}

}  // namespace
}  // namespace sluice::e2e
