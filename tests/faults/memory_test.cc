// Controllers that may not have more memory, and objects that want it: the object is refused, or
// the process ends and its next one goes on; the objects beside it are worked on all the time.

// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/clock.h"
#include "common/kube/object.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/hostile/server.h"

namespace sluice::faults {
namespace {

using e2e::Cluster;
using e2e::ReadyMessage;

constexpr char kHelmApi[] = "helm.toolkit.fluxcd.io/v2";
constexpr absl::Duration kLimit = absl::Seconds(60);
// The address space that is left; and what the large inputs have, which is below the limits that
// apply however much memory there is.
constexpr rlim_t kRoom = rlim_t{24} << 20;
constexpr int kLargeMib = 12;

// Lets the process have `room` bytes of address space more than it has. Memory that cannot be had
// is an error of allocation, without a control group and its rights.
bool LimitMemory(e2e::Process& process, rlim_t room) {
  rlim_t used = 0;
  for (const absl::string_view line :
       absl::StrSplit(e2e::ReadFile(absl::StrCat("/proc/", process.pid(), "/statm")), ' ')) {
    int64_t pages = 0;
    if (!absl::SimpleAtoi(line, &pages)) return false;
    used = static_cast<rlim_t>(pages) * 4096;
    break;
  }
  const rlimit limit = {used + room, RLIM_INFINITY};
  return prlimit(process.pid(), RLIMIT_AS, &limit, nullptr) == 0;
}

// Text of so many MiB that is one YAML document of many values.
std::string LargeYaml(absl::string_view ns, int mib) {
  std::string text = absl::StrCat(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large, namespace: ", ns, "}\ndata:\n");
  for (int i = 0; text.size() < (static_cast<size_t>(mib) << 20); ++i) {
    absl::StrAppend(&text, "  key", i, ": value-of-the-key-", i, "\n");
  }
  return text;
}

class Limited {
 public:
  explicit Limited(std::vector<std::string> controllers) {
    e2e::ClusterOptions options;
    options.controllers = std::move(controllers);
    auto started = Cluster::Start(options);
    INFO(started.status());
    REQUIRE(started.ok());
    cluster_ = *std::move(started);
    git_ = std::make_unique<e2e::GitRepository>(
        e2e::GitRepository::Create(cluster_->git_root() + "/repo").value());
    git_->Write("small/config.yaml", e2e::ConfigMapYaml(cluster_->ns(), "small", "round", "r0"));
    git_->Write("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 0.1.0\n");
    git_->Write("chart/templates/config.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: small}\n"
                "data: {round: {{ .Values.round }}}\n");
  }

  Cluster& cluster() { return *cluster_; }
  e2e::GitRepository& git() { return *git_; }

  void Apply(Value object) {
    const absl::Status applied = cluster_->Apply(std::move(object));
    INFO(applied);
    REQUIRE(applied.ok());
  }
  void AwaitSmall(const std::string& mark) {
    const bool there = e2e::Eventually(kLimit, [&] {
      Revive();
      const auto config = cluster_->Get("v1", "ConfigMap", "small");
      return config.has_value() && (*config)["data"]["round"].str() == mark;
    });
    if (!there) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(there);
  }

  // As the kubelet would, under the same limit.
  void Revive() {
    if (victim_.empty() || cluster_->process(victim_).running()) return;
    ++deaths_;
    REQUIRE(cluster_->Restart(victim_).ok());
  }
  void Limit(const std::string& victim) {
    victim_ = victim;
    REQUIRE(LimitMemory(cluster_->process(victim), kRoom));
  }
  int deaths() const { return deaths_; }

  // The object is refused, its reconciliation ends with an error of allocation (of which an event
  // tells), or the process dies of it; what was said.
  std::string AwaitRefusal(const char* api, const char* kind, const char* name) {
    std::string message;
    const bool refused = e2e::Eventually(kLimit, [&] {
      if (!cluster_->process(victim_).running()) {
        const std::string output = cluster_->process(victim_).Output();
        message = absl::StrCat("the process has ended: …",
                               output.substr(output.size() - std::min<size_t>(output.size(), 200)));
        return true;
      }
      message = ReadyMessage(cluster_->Get(api, kind, name), "False").value_or("");
      if (absl::StrContains(message, "is not ready")) message.clear();  // waits for its chart
      for (const std::string& event : cluster_->Events(kind, name)) {
        if (absl::StrContains(event, "std::bad_alloc")) message = event;
      }
      return !message.empty();
    });
    if (!refused) UNSCOPED_INFO(cluster_->Describe());
    CHECK(refused);
    return message;
  }
  void AwaitReady(const char* api, const char* kind, const char* name) {
    const bool ready = e2e::Eventually(
        kLimit, [&] { return ReadyMessage(cluster_->Get(api, kind, name), "True").has_value(); });
    if (!ready) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(ready);
  }
  // Without a limit again.
  void Relieve() {
    Revive();
    const rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    REQUIRE(prlimit(cluster_->process(victim_).pid(), RLIMIT_AS, &limit, nullptr) == 0);
  }

 private:
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<e2e::GitRepository> git_;
  std::string victim_;
  int deaths_ = 0;
};

TEST_CASE("an object that wants more memory than there is does not hold up others", "[faults]") {
  std::string reason;
  SECTION("source-controller") {
    Limited limited({"source-controller", "kustomize-controller"});
    Cluster& cluster = limited.cluster();
    REQUIRE(limited.git().Commit("first").ok());
    limited.Apply(e2e::GitRepositoryManifest("repo", cluster.git_url() + "/repo", "10m"));
    limited.Apply(e2e::KustomizationManifest("small", "repo", "./small", "10m"));
    limited.AwaitSmall("r0");
    // Versions of a chart are taken in as a whole each, and several at a time.
    std::string index = "apiVersion: v1\nentries:\n  a:\n";
    for (int i = 0; i < 4; ++i) {
      absl::StrAppend(&index, "  - name: a\n    version: 1.0.", i,
                      "\n    urls: [a.tgz]\n    description: ",
                      std::string(size_t{kLargeMib} << 20, 'd'), "\n");
    }
    hostile::Server helm;
    helm.On("/", hostile::Reply(200, {}, index));
    limited.Limit("source-controller");
    limited.Apply({{"apiVersion", e2e::kSourceApi},
                   {"kind", "HelmRepository"},
                   {"metadata", {{"name", "large"}}},
                   {"spec", {{"interval", "10m"}, {"url", helm.url()}}}});
    reason = limited.AwaitRefusal(e2e::kSourceApi, "HelmRepository", "large");
    limited.git().Write("small/config.yaml",
                        e2e::ConfigMapYaml(cluster.ns(), "small", "round", "r1"));
    REQUIRE(limited.git().Commit("second").ok());
    REQUIRE(cluster.Trigger(e2e::kSourceApi, "GitRepository", "repo").ok());
    limited.AwaitSmall("r1");
    WARN("source-controller: " << reason << "; " << limited.deaths() << " deaths");
  }
  SECTION("kustomize-controller") {
    Limited limited({"source-controller", "kustomize-controller"});
    Cluster& cluster = limited.cluster();
    limited.git().Write("large/config.yaml", LargeYaml(cluster.ns(), kLargeMib));
    REQUIRE(limited.git().Commit("first").ok());
    limited.Apply(e2e::GitRepositoryManifest("repo", cluster.git_url() + "/repo", "10m"));
    limited.Apply(e2e::KustomizationManifest("small", "repo", "./small", "10m"));
    limited.AwaitSmall("r0");
    limited.Limit("kustomize-controller");
    limited.Apply(e2e::KustomizationManifest("large", "repo", "./large", "10m"));
    reason = limited.AwaitRefusal(e2e::kKustomizeApi, "Kustomization", "large");
    limited.git().Write("small/config.yaml",
                        e2e::ConfigMapYaml(cluster.ns(), "small", "round", "r1"));
    limited.git().Write("large/config.yaml", LargeYaml(cluster.ns(), 0));
    REQUIRE(limited.git().Commit("second").ok());
    REQUIRE(cluster.Trigger(e2e::kSourceApi, "GitRepository", "repo").ok());
    limited.AwaitSmall("r1");
    limited.Revive();
    limited.AwaitReady(e2e::kKustomizeApi, "Kustomization", "large");
    WARN("kustomize-controller: " << reason << "; " << limited.deaths() << " deaths");
  }
  SECTION("helm-controller") {
    Limited limited({"source-controller", "helm-controller"});
    Cluster& cluster = limited.cluster();
    REQUIRE(limited.git().Commit("first").ok());
    limited.Apply(e2e::GitRepositoryManifest("repo", cluster.git_url() + "/repo", "10m"));
    const auto release = [&](const char* name, const std::string& path, Value values) {
      limited.Apply({{"apiVersion", kHelmApi},
                     {"kind", "HelmRelease"},
                     {"metadata", {{"name", name}}},
                     {"spec",
                      {{"interval", "10m"},
                       {"values", std::move(values)},
                       {"chart",
                        {{"spec",
                          {{"chart", path},
                           {"reconcileStrategy", "Revision"},
                           {"sourceRef", {{"kind", "GitRepository"}, {"name", "repo"}}}}}}}}}});
    };
    release("small", "chart", {{"round", "r0"}});
    limited.AwaitSmall("r0");
    // A template that makes much of little.
    limited.git().Write("bomb/Chart.yaml", "apiVersion: v2\nname: bomb\nversion: 0.1.0\n");
    limited.git().Write("bomb/templates/config.yaml",
                        absl::StrCat("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: large}\n"
                                     "data: {x: \"{{ repeat ",
                                     kLargeMib << 20, " \"x\" }}\"}\n"));
    REQUIRE(limited.git().Commit("second").ok());
    limited.Limit("helm-controller");
    release("large", "bomb", {{"round", "r0"}});
    REQUIRE(cluster.Trigger(e2e::kSourceApi, "GitRepository", "repo").ok());
    reason = limited.AwaitRefusal(kHelmApi, "HelmRelease", "large");
    release("small", "chart", {{"round", "r1"}});
    limited.AwaitSmall("r1");
    WARN("helm-controller: " << reason << "; " << limited.deaths() << " deaths");
  }
}

}  // namespace
}  // namespace sluice::faults
