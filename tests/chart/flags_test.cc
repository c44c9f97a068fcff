// The flags of Flux's controllers (spec/source.md §7.8, kustomize.md §6.4, helm.md §2.21, image.md
// §11): every one is taken, and means what it means there where nothing is said.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml.h"
#include "tests/e2e/process.h"

namespace sluice::chart {
namespace {

// A flag with a value that it takes, and its default as --help shows it; "": none.
struct Flag {
  std::string name;
  std::string value;
  std::string fallback;
};

// Those that all have. Booleans have no default in --help.
const std::vector<Flag> kShared = {
    {"metrics-addr", "127.0.0.1:0", ":8080"},
    {"health-addr", "127.0.0.1:0", ":9440"},
    {"events-addr", "http://localhost:1/", ""},
    {"requeue-dependency", "10s", "30s"},
    {"watch-all-namespaces", "false", ""},
    {"watch-label-selector", "shard=a", ""},
    {"no-cross-namespace-refs", "true", ""},
    {"min-retry-delay", "1s", "750ms"},
    {"max-retry-delay", "1m", "15m0s"},
    {"default-service-account", "", ""},
    {"token-cache-max-size", "10", "100"},
    {"token-cache-max-duration", "10m", "1h0m0s"},
    {"kube-api-qps", "100", ""},
    {"kube-api-burst", "500", ""},
    {"log-level", "debug", "info"},
    {"log-encoding", "console", "json"},
    {"enable-leader-election", "true", ""},
    {"leader-election-release-on-cancel", "false", ""},
    {"leader-election-lease-duration", "20s", "35s"},
    {"leader-election-renew-deadline", "15s", "30s"},
    {"leader-election-retry-period", "2s", "5s"},
    {"feature-gates", "ObjectLevelWorkloadIdentity=true", ""},
    {"watch-configs-label-selector", "a=b", "reconcile.fluxcd.io/watch=Enabled"},
};

const std::map<std::string, std::vector<Flag>> kOwn = {
    {"source-controller",
     {{"concurrent", "8", "2"},
      {"interval-jitter-percentage", "10", "5"},
      {"storage-path", "/tmp", "/data"},
      {"storage-addr", "127.0.0.1:0", ":9090"},
      {"storage-adv-addr", "localhost", ""},
      {"artifact-retention-ttl", "10s", "1m0s"},
      {"artifact-retention-records", "3", "2"},
      {"artifact-digest-algo", "blake3", "sha256"},
      {"helm-index-max-size", "1000", "52428800"},
      {"helm-chart-max-size", "1000", "10485760"},
      {"helm-chart-file-max-size", "1000", "5242880"},
      {"helm-cache-max-size", "10", "0"},
      {"helm-cache-ttl", "1m", "15m0s"},
      {"helm-cache-purge-interval", "2m", "1m0s"},
      {"ssh-kex-algos", "curve25519-sha256", ""},
      {"ssh-hostkey-algos", "ssh-ed25519", ""}}},
    {"kustomize-controller",
     {{"concurrent", "8", "4"},
      {"concurrent-ssa", "8", "4"},
      {"interval-jitter-percentage", "10", "5"},
      {"no-remote-bases", "true", ""},
      {"http-retry", "1", "9"},
      {"default-decryption-service-account", "", ""},
      {"default-kubeconfig-service-account", "", ""},
      {"sops-age-secret", "keys", ""},
      {"sops-vault-configmap", "vaults", ""},
      {"override-manager", "kubectl", ""},
      {"custom-apply-stage-kinds", "rbac.authorization.k8s.io/Role", ""},
      {"insecure-kubeconfig-exec", "true", ""},
      {"insecure-kubeconfig-tls", "true", ""}}},
    {"helm-controller",
     {{"concurrent", "8", "4"},
      {"interval-jitter-percentage", "10", "5"},
      {"http-retry", "1", "9"},
      {"http-timeout", "1m", "30s"},
      {"graceful-shutdown-timeout", "1m", ""},
      {"default-kubeconfig-service-account", "", ""},
      {"oom-watch-memory-threshold", "90", "95"},
      {"oom-watch-interval", "1s", "500ms"},
      {"oom-watch-max-memory-path", "/dev/null", ""},
      {"oom-watch-current-memory-path", "/dev/null", ""},
      {"snapshot-digest-algo", "blake3", "sha256"},
      {"override-manager", "kubectl", ""},
      {"insecure-kubeconfig-exec", "true", ""},
      {"insecure-kubeconfig-tls", "true", ""}}},
    {"image-controller",
     {{"concurrent", "8", "4"},
      {"storage-path", "/tmp", "/data"},
      {"storage-value-log-file-size", "1000", "268435456"},
      {"storage-compression-threshold", "10", "64"},
      {"gc-interval", "5", "10"},
      {"ssh-kex-algos", "curve25519-sha256", ""},
      {"ssh-hostkey-algos", "ssh-ed25519", ""}}},
};

// Starts `program` where it finds no cluster; what it says. A refused command line is told so.
std::string StartWithoutCluster(const std::string& program, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), e2e::Program(program));
  arguments.push_back("--kubeconfig=/nowhere/kubeconfig");
  return std::string(e2e::Run(arguments).status().message());
}

TEST_CASE("every flag of Flux's controllers is taken", "[chart]") {
  for (const auto& [program, own] : kOwn) {
    CAPTURE(program);
    std::vector<std::string> arguments;
    for (const auto* flags : {&kShared, &own}) {
      for (const Flag& flag : *flags) {
        arguments.push_back(absl::StrCat("--", flag.name, "=", flag.value));
      }
    }
    CHECK_THAT(StartWithoutCluster(program, arguments),
               Catch::Contains("cannot go on") && Catch::Contains("/nowhere/kubeconfig"));
    arguments.push_back("--no-such-flag=1");
    CHECK_THAT(StartWithoutCluster(program, arguments), Catch::Contains("no-such-flag"));
  }
}

TEST_CASE("flags have Flux's defaults", "[chart]") {
  for (const auto& [program, own] : kOwn) {
    const std::string help = e2e::Run({e2e::Program(program), "--help"}).value();
    for (const auto* flags : {&kShared, &own}) {
      for (const Flag& flag : *flags) {
        CAPTURE(program, flag.name);
        if (flag.fallback.empty()) continue;
        const std::string start = absl::StrCat("\n  --", flag.name, " ");
        const size_t at = help.find(start);
        REQUIRE(at != std::string::npos);
        const std::string line = help.substr(at + 1, help.find('\n', at + 1) - at);
        const std::vector<std::string> shown = absl::StrSplit(line, absl::MaxSplits('=', 1));
        REQUIRE(shown.size() == 2);
        const std::string rest = absl::StrCat(shown[1], " ");
        CHECK(absl::StrContains(" \n(", rest.substr(flag.fallback.size(), 1)));
        CHECK(absl::StartsWith(rest, flag.fallback));
      }
    }
  }
}

TEST_CASE("what Flux's controllers refuse at start is refused", "[chart]") {
  struct Row {
    const char* program;
    const char* argument;
    const char* says;
  };
  const Row rows[] = {
      {"kustomize-controller", "--interval-jitter-percentage=100", "--interval-jitter-percentage"},
      {"source-controller", "--feature-gates=NoSuchGate=true", "NoSuchGate"},
      {"source-controller", "--default-service-account=a", "ObjectLevelWorkloadIdentity"},
      {"kustomize-controller", "--default-kubeconfig-service-account=a",
       "ObjectLevelWorkloadIdentity"},
      {"source-controller", "--artifact-digest-algo=md5", "artifact-digest-algo"},
      {"helm-controller", "--log-level=warn", "log-level"},
  };
  // A cluster that cannot be reached is found out later than a bad flag.
  e2e::TempDir dir;
  const std::string kubeconfig = dir / "kubeconfig";
  std::ofstream(kubeconfig) << "current-context: a\n"
                               "clusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'}}]\n"
                               "contexts: [{name: a, context: {cluster: a}}]\n";
  for (const Row& row : rows) {
    CAPTURE(row.program, row.argument);
    const auto ended =
        e2e::Run({e2e::Program(row.program), row.argument, "--kubeconfig", kubeconfig,
                  "--metrics-addr=127.0.0.1:0", "--health-addr=127.0.0.1:0"});
    CHECK_FALSE(ended.ok());
    CHECK_THAT(std::string(ended.status().message()), Catch::Contains(row.says));
  }
}

TEST_CASE("the chart gives its controllers flags that they take", "[chart]") {
  const auto rendered = e2e::Run(
      {e2e::Program("sluice"), "template", "sluice",
       absl::StrCat(SLUICE_TEST_SOURCE, "/charts/sluice"), "--set",
       "eventsAddr=http://notification-controller/,otlpEndpoint=http://collector:4318", "--set",
       "defaults.featureGates.ObjectLevelWorkloadIdentity=true,watchLabelSelector=a=b"});
  REQUIRE(rendered.ok());
  size_t count = 0;
  const auto documents = value::ParseYamlStream(*rendered);
  REQUIRE(documents.ok());
  for (const value::YamlDocument& document : *documents) {
    const Value& object = document.value;
    if (object["kind"].str() != "Deployment") continue;
    const std::string program(object["metadata"]["name"].str());
    CAPTURE(program);
    std::vector<std::string> arguments;
    for (const Value& argument :
         object["spec"]["template"]["spec"]["containers"].at(0)["args"].items()) {
      arguments.emplace_back(argument.str());
    }
    CHECK_THAT(StartWithoutCluster(program, arguments), Catch::Contains("/nowhere/kubeconfig"));
    ++count;
  }
  CHECK(count == 4);
}

}  // namespace
}  // namespace sluice::chart
