// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/testing/command_line.h"
#include "common/disk/temp_dir.h"

namespace sluice::cli {
namespace {

using testing::RunCommandLine;
using testing::TestCluster;

// Blanks separate words, quotes hold them together.
std::vector<std::string> SplitWords(absl::string_view line) {
  std::vector<std::string> words = {""};
  bool quoted = false;
  for (const char c : line) {
    if (c == '\'' || c == '"') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      words.emplace_back();
    } else {
      words.back().push_back(c);
    }
  }
  return words;
}

TEST_CASE("objects are made of flags as Flux's CLI makes them", "[cli]") {
  std::ifstream file("cli/create/testdata/flux_exports.txt");
  std::vector<std::pair<std::string, std::string>> recorded;
  for (std::string line; std::getline(file, line);) {
    if (absl::StartsWith(line, "$ ")) {
      recorded.emplace_back(line.substr(2), "");
    } else if (!recorded.empty()) {
      absl::StrAppend(&recorded.back().second, line, "\n");
    }
  }
  REQUIRE(recorded.size() > 30);
  for (const auto& [command, expected] : recorded) {
    CAPTURE(command);
    std::vector<std::string> words = SplitWords(command);
    words.push_back("--export");
    const auto output = RunCommandLine(words);
    CHECK(output.out == expected);
    CHECK(output.code == 0);
  }
}

TEST_CASE("flags that make no object are refused", "[cli]") {
  struct Row {
    const char* command;
    const char* message;
  };
  const Row rows[] = {
      {"create source git p --url https://x --branch m", "name 'p' is invalid"},
      {"create source git Pod --url https://x --branch m", "name 'Pod' is invalid"},
      {"create source git pod --branch m", "url is required"},
      {"create source git pod --url ftp://x --branch m", "git URL scheme 'ftp' not supported"},
      {"create source git pod --url https://x", "a Git ref is required"},
      {"create source git pod --url https://x --branch m --label a", "invalid label format 'a'"},
      {"create source git pod --url https://x --branch m --label a=-", "invalid label value '-'"},
      {"create source git pod --url https://x --branch m --provider x", "--provider"},
      {"create source oci pod --url oci://x", "--tag, --tag-semver or --digest is required"},
      {"create source oci pod --url oci://x --tag 1 --verify-secret-ref s",
       "a verification provider must be specified when a secret is specified"},
      {"create source oci pod --url oci://x --tag 1 --layer-selector a:b",
       "invalid --layer-selector \"a:b\""},
      {"create source bucket pod --bucket-name b", "endpoint is required"},
      {"create source helm pod --url ftp://x", "url scheme 'ftp' not supported"},
      {"create source helm pod --url https://", "url host is required"},
      {"create source chart pod --source HelmRepository/h", "chart name or path is required"},
      {"create source chart pod --source h --chart c", "must be in format <kind>/<name>"},
      {"create ks pod", "source is required"},
      {"create ks pod --source Foo/x", "kind 'Foo' is not supported"},
      {"create ks pod --source x --health-check Pod/a.b", "invalid health check kind 'Pod'"},
      {"create ks pod --source x --health-check Deployment/a", "invalid health check"},
      {"create hr pod", "chart or chart-ref is required"},
      {"create hr pod --chart c --chart-ref OCIRepository/x", "cannot use --chart in combination"},
      {"create hr pod --chart c", "source is required"},
      {"create hr pod --chart-ref Foo/x", "kind 'Foo' is not supported"},
      {"create image repository pod --image a:b:c", "unable to parse image value"},
      {"create image policy pod --image-ref a", "a policy must be provided"},
      {"create image policy pod --image-ref a --select-semver 1 --select-alpha asc", "only one of"},
      {"create image policy pod --image-ref a --select-alpha asc --filter-regex (",
       "--filter-regex is an invalid regex pattern"},
      {"create image policy pod --image-ref a --select-alpha asc --filter-extract $x",
       "cannot specify --filter-extract"},
      {"create image update pod --git-repo-ref g --checkout-branch m --author-name n",
       "the author email is required"},
      {"create secret tls pod", "no CA certificate or client certificate pair found"},
      {"create secret git pod --url https://x --username u", "username and password"},
      {"create secret git pod --url ssh://x", "--private-key-file and --known-hosts-file"},
      {"create secret oci pod --url x --username u", "--password is required"},
      {"create secret githubapp pod --app-id 1 --app-private-key k", "exactly one of"},
      {"create secret receiver pod --type gcr --hostname h", "--email-claim is required"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.command);
    std::vector<std::string> words = SplitWords(row.command);
    words.push_back("--export");
    const auto output = RunCommandLine(words);
    CHECK(output.code == 2);
    CHECK(output.out.empty());
    CHECK(absl::StrContains(output.err, row.message));
  }
}

TEST_CASE("a folder of this machine is a source, for clusters that sync folders", "[cli]") {
  const auto output = RunCommandLine({"create", "source", "git", "pod", "--url", "file:///srv/pod",
                                      "--branch", "main", "--export"});
  CHECK(output.code == 0);
  CHECK(absl::StrContains(output.out, "  url: file:///srv/pod\n"));
}

TEST_CASE("files become values and secrets", "[cli]") {
  const disk::TempDir dir = disk::TempDir::Create("sluice-create-test-").value();
  const auto file = [&dir](absl::string_view name, absl::string_view content) {
    const std::string path = absl::StrCat(dir.path(), "/", name);
    std::ofstream(path) << content;
    return path;
  };
  const std::string one = file("one.yaml", "a: {b: 1, c: [1]}\nx: z\n");
  const std::string two = file("two.yaml", "a: {b: 2, c: [2]}\n");
  CHECK(absl::StrContains(RunCommandLine({"create", "hr", "web", "--chart-ref", "OCIRepository/web",
                                          "--values", one + "," + two, "--export"})
                              .out,
                          "  values:\n    a:\n      b: 2\n      c:\n      - 2\n    x: z\n"));
  CHECK(RunCommandLine({"create", "hr", "web", "--chart-ref", "OCIRepository/web", "--values",
                        "/nowhere", "--export"})
            .code == 1);

  const std::string key = file("key.pem", "KEY\n");
  const std::string hosts = file("hosts", "HOSTS\n");
  CHECK(RunCommandLine({"create", "secret", "git", "web", "--url", "ssh://git@x/y",
                        "--private-key-file", key, "--known-hosts-file", hosts, "--export"})
            .out ==
        "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: web\n  namespace: flux-system\n"
        "stringData:\n  identity: |\n    KEY\n  known_hosts: |\n    HOSTS\n");
  CHECK(absl::StrContains(RunCommandLine({"create", "secret", "tls", "web", "--tls-crt-file", hosts,
                                          "--tls-key-file", key, "--export"})
                              .out,
                          "  tls.crt: |\n    HOSTS\n  tls.key: |\n    KEY\n"
                          "type: kubernetes.io/tls\n"));
}

// What a controller would say; ahead of every generation.
constexpr char kReady[] = R"(
apiVersion: source.toolkit.fluxcd.io/v1
kind: Bucket
metadata: {name: data, namespace: flux-system, labels: {old: label}, annotations: {note: kept}}
spec: {bucketName: old, endpoint: old, interval: 1h, suspend: true}
status:
  observedGeneration: 100
  artifact: {revision: "sha256:aa", digest: "sha256:aa", path: a, url: http://s/a,
             lastUpdateTime: "2026-01-01T00:00:00Z"}
  conditions:
  - {type: Ready, status: "True", reason: S, message: stored,
     lastTransitionTime: "2026-01-01T00:00:00Z"}
)";

TEST_CASE("an object is written over the one that is there, and can be exported", "[cli]") {
  TestCluster cluster;
  cluster.Apply(kReady);
  const auto output =
      cluster.Run({"create", "source", "bucket", "data", "--bucket-name", "b", "--endpoint", "e",
                   "--access-key", "k", "--secret-key", "s", "--label", "team=a"});
  CHECK(output.code == 0);
  CHECK(output.err ==
        "✚ generating Bucket\n"
        "► applying secret with the credentials\n"
        "✔ authentication configured\n"
        "► applying Bucket\n"
        "✔ Bucket updated\n"
        "◎ waiting for Bucket reconciliation\n"
        "✔ Bucket reconciliation completed\n"
        "✔ fetched revision sha256:aa\n");
  constexpr char kBucket[] =
      "---\n"
      "apiVersion: source.toolkit.fluxcd.io/v1\n"
      "kind: Bucket\n"
      "metadata:\n"
      "  annotations:\n"
      "    note: kept\n"
      "  labels:\n"
      "    team: a\n"
      "  name: data\n"
      "  namespace: flux-system\n"
      "spec:\n"
      "  bucketName: b\n"
      "  endpoint: e\n"
      "  interval: 1m0s\n"
      "  provider: generic\n"
      "  secretRef:\n"
      "    name: bucket-data\n"
      "  timeout: 60s\n";
  CHECK(cluster.Run({"export", "source", "bucket", "data"}).out == kBucket);
  CHECK(cluster.Run({"export", "source", "bucket", "--all", "--with-credentials"}).out ==
        absl::StrCat(kBucket,
                     "---\n"
                     "apiVersion: v1\n"
                     "data:\n"
                     "  accesskey: aw==\n"
                     "  secretkey: cw==\n"
                     "kind: Secret\n"
                     "metadata:\n"
                     "  name: bucket-data\n"
                     "  namespace: flux-system\n"
                     "type: Opaque\n"));
  CHECK(cluster.Run({"export", "source", "bucket"}).code == 2);
  CHECK(cluster.Run({"export", "source", "bucket", "gone"}).code == 1);

  CHECK(cluster.Run({"create", "secret", "proxy", "proxy", "--address", "http://p"}).err ==
        "► proxy secret 'proxy' created in 'flux-system' namespace\n");
  CHECK(cluster.Live("v1", "Secret", "flux-system", "proxy")["data"]["address"].str() ==
        "aHR0cDovL3A=");
}

}  // namespace
}  // namespace sluice::cli
