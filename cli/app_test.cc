// SPDX-License-Identifier: Apache-2.0
#include "cli/app.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "cli/testing/command_line.h"

namespace sluice::cli {
namespace {

using testing::RunCommandLine;
using testing::TestCluster;

TEST_CASE("the exit code tells a wrong command line from a failure", "[cli]") {
  struct Row {
    std::vector<std::string> words;
    int code;
    const char* message;
  };
  const Row rows[] = {
      {{}, 2, "Usage: sluice"},
      {{"nothing"}, 2, "nothing"},
      {{"completion"}, 2, "fish"},
      {{"get", "pods"}, 2, "✗ \"pods\" is no kind; see `sluice get --help`\n"},
      {{"get", "ks", "-n", "No"}, 2, "✗ namespace \"No\" is not a DNS label\n"},
      {{"get", "ks", "--output", "table"}, 2, "--output"},
      {{"get", "ks", "--kubeconfig", "/nowhere"}, 1, "✗ "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.words);
    const auto output = RunCommandLine(row.words);
    CHECK(output.code == row.code);
    CHECK(absl::StrContains(output.err, row.message));
    CHECK(output.out.empty());
  }
  CHECK(RunCommandLine({"get", "--help"}).code == 0);
}

TEST_CASE("a shell is told what may come next", "[cli]") {
  CHECK(absl::StrContains(RunCommandLine({"completion", "bash"}).out, "complete -o default -F"));
  CHECK(absl::StrContains(RunCommandLine({"completion", "zsh"}).out, "compdef _sluice sluice"));
  CHECK(absl::StrContains(RunCommandLine({"completion", "fish"}).out, "complete -c sluice"));
  CHECK(RunCommandLine({"__complete", "recon"}).out == "reconcile\n");
  CHECK(RunCommandLine({"__complete", "get", "--no"}).out == "--no-header\n");
}

TEST_CASE("objects are shown from the cluster", "[cli]") {
  TestCluster cluster;
  cluster.Apply(R"(
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: repo, namespace: flux-system}
spec: {url: "https://example.org/r.git", interval: 1m}
status:
  observedGeneration: 1
  artifact:
    revision: main@sha1:0123456789abcdef0123456789abcdef01234567
    digest: sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
    path: a
    url: http://s/a
    lastUpdateTime: "2026-01-01T00:00:00Z"
  conditions:
  - {type: Ready, status: "True", reason: Succeeded, message: stored artifact,
     lastTransitionTime: "2026-01-01T00:00:00Z"}
)");
  const auto table = cluster.Run({"get", "sources", "git"});
  CHECK(table.out ==
        "NAME\tREVISION          \tSUSPENDED\tREADY\tMESSAGE\n"
        "repo\tmain@sha1:01234567\tFalse    \tTrue \tstored artifact\n");
  CHECK(table.code == 0);
  CHECK(cluster.Run({"get", "all", "-A", "-o", "name"}).out ==
        "gitrepository.source.toolkit.fluxcd.io/repo\n");
  const auto none = cluster.Run({"get", "ks", "app"});
  CHECK(none.code == 1);
  CHECK(none.err == "✗ Kustomization object 'app' not found in \"flux-system\" namespace\n");
}

}  // namespace
}  // namespace sluice::cli
