// What kustomize-controller does beyond the loop of loop_test.cc: health, dependencies, pruning,
// and how little it does when nothing has changed.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/clock.h"
#include "common/http/client.h"
#include "common/kube/object.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml.h"
#include "tests/e2e/cluster.h"
#include "tests/e2e/git_repository.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

constexpr absl::Duration kLimit = absl::Seconds(30);
const kube::Resource kDeployments{"apps", "v1", "deployments", "Deployment", true};

// A cluster without anybody who makes Deployments ready, a repository, and its source.
class World {
 public:
  explicit World(std::vector<std::string> flags = {}) {
    metrics_ = absl::StrCat("127.0.0.1:", ReservePort());
    flags.push_back(absl::StrCat("--metrics-addr=", metrics_));
    auto cluster = Cluster::Start(
        {.flags = {{"kustomize-controller", flags}, {"dev-apiserver", {"--workloads=false"}}}});
    REQUIRE(cluster.ok());
    cluster_ = *std::move(cluster);
    auto git = GitRepository::Create(absl::StrCat(cluster_->git_root(), "/repo"));
    REQUIRE(git.ok());
    git_ = std::make_unique<GitRepository>(*std::move(git));
  }

  Cluster& cluster() { return *cluster_; }
  GitRepository& git() { return *git_; }

  void AddSource() {
    REQUIRE_THAT(cluster_->Apply(GitRepositoryManifest(
                     "repo", absl::StrCat(cluster_->git_url(), "/repo"), "10m")),
                 IsOk());
  }
  // A Kustomization of the folder named after it, with `spec` (YAML) besides.
  void Add(const std::string& name, const std::string& spec = "{}") {
    Value object = KustomizationManifest(name, "repo", absl::StrCat("./", name), "10m");
    const Value more = value::ParseYaml(spec).value();
    for (const value::Member& member : more.members()) {
      object.Ensure("spec").Set(member.key, member.value);
    }
    REQUIRE_THAT(cluster_->Apply(object), IsOk());
  }
  std::string Commit() {
    auto id = git_->Commit("Change");
    REQUIRE(id.ok());
    return *std::move(id);
  }
  void CommitAndFetch() {
    const std::string id = Commit();
    REQUIRE_THAT(cluster_->Trigger(kSourceApi, "GitRepository", "repo"), IsOk());
    Await([&] {
      const auto source = cluster_->Get(kSourceApi, "GitRepository", "repo");
      return absl::EndsWith((*source)["status"]["artifact"]["revision"].str(), id);
    });
  }

  void WriteConfigMap(const std::string& folder, const std::string& name, const std::string& data) {
    git_->Write(absl::StrCat(folder, "/", name, ".yaml"),
                ConfigMapYaml(cluster_->ns(), name, "value", data));
  }
  void WriteDeployment(const std::string& folder, const std::string& name,
                       const std::string& image) {
    git_->Write(absl::StrCat(folder, "/", name, ".yaml"),
                absl::StrCat("{apiVersion: apps/v1, kind: Deployment, metadata: {name: ", name,
                             ", namespace: ", cluster_->ns(),
                             "}, spec: {selector: {matchLabels: {a: ", name,
                             "}}, template: {metadata: {labels: {a: ", name,
                             "}}, spec: {containers: [{name: c, image: ", image, "}]}}}}"));
  }
  // As a cluster's controllers would.
  void MakeReady(const std::string& name) {
    const auto object = cluster_->Get("apps/v1", "Deployment", name);
    REQUIRE(object.has_value());
    Value status =
        value::ParseYaml(
            "{replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1, "
            "conditions: [{type: Available, status: 'True'}, {type: Progressing, status: "
            "'True', reason: NewReplicaSetAvailable}]}")
            .value();
    status.Set("observedGeneration", kube::Generation(*object));
    REQUIRE_THAT(
        cluster_->client()
            .Patch(Context::Background().WithTimeout(kLimit), kDeployments, {cluster_->ns(), name},
                   kube::PatchType::kMerge, Value{{"status", status}}, {.subresource = "status"})
            .status(),
        IsOk());
  }

  std::optional<Value> Kustomization(const std::string& name) {
    return cluster_->Get(kKustomizeApi, "Kustomization", name);
  }
  std::string Data(const std::string& name) {
    const auto object = cluster_->Get("v1", "ConfigMap", name);
    return object.has_value() ? std::string((*object)["data"]["value"].str()) : "";
  }
  bool IsReady(const std::string& name) {
    return ReadyMessage(Kustomization(name), "True").has_value();
  }
  // The reason of its condition `type`, "" if it has none.
  std::string Reason(const std::string& name, absl::string_view type = "Ready") {
    const auto object = Kustomization(name);
    if (!object.has_value()) return "";
    for (const Value& condition : (*object)["status"]["conditions"].items()) {
      if (condition["type"].str() == type) return std::string(condition["reason"].str());
    }
    return "";
  }
  std::string Message(const std::string& name) {
    return ReadyMessage(Kustomization(name), "False").value_or("");
  }
  std::string Events(const std::string& name) {
    return absl::StrJoin(cluster_->Events("Kustomization", name), "\n");
  }
  // Runs of the reconciler so far, whatever came of them.
  int Runs() {
    http::Request request;
    request.url = absl::StrCat("http://", metrics_, "/metrics");
    const auto answer =
        http::CreateClient({}).value()->Send(Context::Background().WithTimeout(kLimit), request);
    int sum = 0;
    if (!answer.ok()) return sum;
    for (const absl::string_view line : absl::StrSplit(answer->body, '\n')) {
      double value = 0;
      if (absl::StartsWith(line, "controller_runtime_reconcile_total{") &&
          absl::StrContains(line, "ustomization") &&
          absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value)) {
        sum += static_cast<int>(value);
      }
    }
    return sum;
  }

  template <typename Condition>
  void Await(const Condition& condition) {
    const bool came = Eventually(kLimit, condition);
    if (!came) UNSCOPED_INFO(cluster_->Describe());
    REQUIRE(came);
  }
  void AwaitReady(const std::string& name) {
    INFO(name);
    Await([&] { return IsReady(name); });
  }

 private:
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<GitRepository> git_;
  std::string metrics_;
};

// Changes one file of one of `count` Kustomizations.
void CommitToOneOf(int count) {
  World world;
  const auto name = [](int i) { return absl::StrCat("app", i); };
  for (int i = 0; i < count; ++i) world.WriteConfigMap(name(i), name(i), "1");
  world.Commit();
  world.AddSource();
  for (int i = 0; i < count; ++i) world.Add(name(i));
  for (int i = 0; i < count; ++i) world.AwaitReady(name(i));

  std::map<std::string, std::string> before;
  for (int i = 0; i < count; ++i) {
    before[name(i)] = std::string(kube::ResourceVersion(*world.Kustomization(name(i))));
  }
  const int runs = world.Runs();
  world.WriteConfigMap("app7", "app7", "2");
  world.CommitAndFetch();
  world.Await([&] { return world.Runs() >= runs + count; });
  world.Await([&] { return world.Data("app7") == "2" && world.IsReady("app7"); });
  std::vector<std::string> written;
  for (const auto& [app, version] : before) {
    if (kube::ResourceVersion(*world.Kustomization(app)) != version) written.push_back(app);
  }
  CHECK(written == std::vector<std::string>{"app7"});

  // Whoever asks gets the revision written down.
  REQUIRE_THAT(world.cluster().Trigger(kKustomizeApi, "Kustomization", "app3"), IsOk());
  const auto source = world.cluster().Get(kSourceApi, "GitRepository", "repo");
  world.Await([&] {
    return (*world.Kustomization("app3"))["status"]["lastAppliedRevision"] ==
           (*source)["status"]["artifact"]["revision"];
  });
}

TEST_CASE("a commit is written to those only who read what it changed", "[e2e]") {
  CommitToOneOf(20);
}

TEST_CASE("the same among 500", "[.full]") { CommitToOneOf(500); }

TEST_CASE("waiting for health holds no worker, and ends with the object's change", "[e2e]") {
  World world({"--concurrent=1"});
  for (const char* app : {"slow1", "slow2"}) world.WriteDeployment(app, app, "x:1");
  world.WriteConfigMap("quick", "quick", "1");
  world.Commit();
  world.AddSource();
  world.Add("slow1", "{wait: true, timeout: 5m}");
  world.Add("slow2", "{wait: true, timeout: 5m}");
  for (const char* app : {"slow1", "slow2"}) {
    world.Await([&] { return world.Reason(app, "Healthy") == "Progressing"; });
  }
  world.Add("quick");
  world.AwaitReady("quick");
  CHECK_FALSE(world.IsReady("slow1"));

  const absl::Time changed = absl::Now();
  world.MakeReady("slow1");
  world.AwaitReady("slow1");
  WARN("from the object's readiness to Ready: " << absl::Now() - changed);
  CHECK_FALSE(world.IsReady("slow2"));
  CHECK(absl::StrContains(world.Events("slow1"), "Health check passed in"));
}

TEST_CASE("a new revision ends the wait for an old one", "[e2e]") {
  World world;
  world.WriteDeployment("app", "app", "x:1");
  world.Commit();
  world.AddSource();
  world.Add("app", "{wait: true, timeout: 5m}");
  world.Await([&] { return world.Reason("app", "Healthy") == "Progressing"; });
  world.WriteDeployment("app", "app", "x:2");
  world.CommitAndFetch();
  world.Await([&] {
    const auto object = world.cluster().Get("apps/v1", "Deployment", "app");
    return (*object)["spec"]["template"]["spec"]["containers"].at(0)["image"].str() == "x:2";
  });
  world.Await([&] {
    return absl::StrContains(world.Events("app"),
                             "Health checks canceled due to new reconciliation triggered by "
                             "GitRepository/");
  });
  world.MakeReady("app");
  world.AwaitReady("app");
}

TEST_CASE("expressions decide about the health of custom kinds", "[e2e]") {
  World world;
  world.git().Write("crd/crd.yaml",
                    "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, "
                    "metadata: {name: widgets.e2e.example.com}, spec: {group: e2e.example.com, "
                    "scope: Namespaced, names: {kind: Widget, plural: widgets}, versions: [{name: "
                    "v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, "
                    "x-kubernetes-preserve-unknown-fields: true}}}]}}");
  world.git().Write("app/w.yaml", absl::StrCat("{apiVersion: e2e.example.com/v1, kind: Widget, "
                                               "metadata: {name: w, namespace: ",
                                               world.cluster().ns(), "}, spec: {size: 1}}"));
  world.Commit();
  world.AddSource();
  world.Add("crd", "{wait: true}");
  world.AwaitReady("crd");
  world.Add("app",
            "{wait: true, timeout: 5m, healthCheckExprs: [{apiVersion: e2e.example.com/v1, kind: "
            "Widget, current: 'has(data.phase) && data.phase == \"done\"', failed: "
            "'has(data.phase) && data.phase == \"broken\"'}]}");
  world.Await([&] { return world.Reason("app", "Healthy") == "Progressing"; });
  const kube::Resource widgets{"e2e.example.com", "v1", "widgets", "Widget", true};
  const auto phase = [&](const char* text) {
    REQUIRE_THAT(world.cluster()
                     .client()
                     .Patch(Context::Background().WithTimeout(kLimit), widgets,
                            {world.cluster().ns(), "w"}, kube::PatchType::kMerge,
                            Value{{"data", {{"phase", text}}}}, {.field_manager = "operator"})
                     .status(),
                 IsOk());
  };
  phase("broken");
  world.Await([&] { return world.Reason("app") == "HealthCheckFailed"; });
  CHECK(absl::StrContains(world.Message("app"), "failed early due to stalled resources: [Widget/"));
  phase("done");
  world.AwaitReady("app");

  world.Add("bad", "{healthCheckExprs: [{apiVersion: v1, kind: X, current: 'a.('}]}");
  world.Await([&] { return world.Reason("bad", "Stalled") == "InvalidCELExpression"; });
}

TEST_CASE("dependencies: expressions, other kinds, and circles", "[e2e]") {
  World world;
  for (const char* app : {"base", "expr", "kind", "one", "two"}) {
    world.WriteConfigMap(app, app, "1");
  }
  world.WriteDeployment("base", "db", "x:1");
  world.Commit();
  world.AddSource();
  world.Add("base");
  world.AwaitReady("base");
  world.Add("kind", "{dependsOn: [{apiVersion: apps/v1, kind: Deployment, name: db}]}");
  world.Await([&] { return world.Reason("kind") == "DependencyNotReady"; });
  CHECK(absl::StrContains(world.Message("kind"), "db' is not ready"));
  world.MakeReady("db");
  REQUIRE_THAT(world.cluster().Trigger(kKustomizeApi, "Kustomization", "kind"), IsOk());
  world.AwaitReady("kind");

  world.Add("expr", "{dependsOn: [{name: base, readyExpr: 'dep.metadata.name == \"other\"'}]}");
  world.Await([&] {
    return absl::StrContains(world.Message("expr"), "is not ready according to readyExpr eval");
  });
  world.Add("expr",
            "{dependsOn: [{name: base, readyExpr: 'dep.metadata.nope == self.metadata.name'}]}");
  world.Await([&] { return absl::StrContains(world.Message("expr"), "nope"); });
  CHECK(world.Reason("expr") == "DependencyNotReady");
  world.Add("expr", "{dependsOn: [{name: base, readyExpr: 'dep.metadata.'}]}");
  world.Await([&] { return world.Reason("expr", "Stalled") == "InvalidCELExpression"; });
  world.Add("expr", "{dependsOn: [{name: base, readyExpr: 'dep.metadata.name == \"base\"'}]}");
  world.AwaitReady("expr");

  world.Add("one", "{dependsOn: [{name: two}]}");
  world.Add("two", "{dependsOn: [{name: one}]}");
  REQUIRE_THAT(world.cluster().Trigger(kKustomizeApi, "Kustomization", "one"), IsOk());
  world.Await(
      [&] { return absl::StrContains(world.Message("one"), "the dependencies form a circle: "); });
}

TEST_CASE("an object that moves to another Kustomization lives on", "[e2e]") {
  World world;
  world.WriteConfigMap("from", "kept", "1");
  world.WriteConfigMap("from", "moved", "1");
  world.WriteConfigMap("to", "other", "1");
  world.Commit();
  world.AddSource();
  world.Add("from");
  world.Add("to");
  world.AwaitReady("from");
  world.AwaitReady("to");
  const auto before = world.cluster().Get("v1", "ConfigMap", "moved");
  REQUIRE(before.has_value());

  world.git().Remove("from/moved.yaml");
  world.WriteConfigMap("to", "moved", "2");
  world.CommitAndFetch();
  world.Await([&] { return world.Data("moved") == "2"; });
  world.Await([&] {
    return (*world.Kustomization("from"))["status"]["inventory"]["entries"].size() == 1 &&
           world.IsReady("from") && world.IsReady("to");
  });
  const auto after = world.cluster().Get("v1", "ConfigMap", "moved");
  REQUIRE(after.has_value());
  CHECK(kube::Uid(*after) == kube::Uid(*before));
  CHECK(kube::Label(*after, "kustomize.toolkit.fluxcd.io/name") == "to");
}

TEST_CASE("deletions beyond the budget wait for a confirmation", "[e2e]") {
  World world({"--prune-budget=1"});
  for (const char* object : {"a", "b", "c"}) world.WriteConfigMap("app", object, "1");
  world.Commit();
  world.AddSource();
  world.Add("app");
  world.AwaitReady("app");
  world.git().Remove("app/a.yaml");
  world.git().Remove("app/b.yaml");
  world.CommitAndFetch();
  world.Await([&] { return world.Reason("app") == "PruneHeld"; });
  const std::string message = world.Message("app");
  INFO(message);
  CHECK(absl::StrContains(message, "pruning 2 objects exceeds the budget of 1"));
  CHECK(world.Data("a") == "1");
  CHECK((*world.Kustomization("app"))["status"]["inventory"]["entries"].size() == 3);

  const std::string key = "sluice.dev/prune-confirmed";
  const size_t at = message.find(key) + key.size() + 1;
  REQUIRE_THAT(
      world.cluster().Edit(kKustomizeApi, "Kustomization", "app",
                           Value{{"metadata", {{"annotations", {{key, message.substr(at, 12)}}}}}}),
      IsOk());
  world.AwaitReady("app");
  CHECK_FALSE(world.cluster().Get("v1", "ConfigMap", "a").has_value());
  CHECK_FALSE(world.cluster().Get("v1", "ConfigMap", "b").has_value());
  CHECK(world.Data("c") == "1");
}

TEST_CASE("drift is put right on request at once, but for ignored fields", "[e2e]") {
  World world;
  world.git().Write("app/cm.yaml",
                    absl::StrCat("{apiVersion: v1, kind: ConfigMap, metadata: {name: app, "
                                 "namespace: ",
                                 world.cluster().ns(), "}, data: {value: git, tuned: git}}"));
  world.Commit();
  world.AddSource();
  world.Add("app", "{ignore: [{paths: [/data/tuned], target: {kind: ConfigMap}}]}");
  world.AwaitReady("app");
  for (int round = 0; round < 5; ++round) {
    INFO(round);
    REQUIRE_THAT(world.cluster().Edit("v1", "ConfigMap", "app",
                                      Value{{"data", {{"value", "edited"}, {"tuned", "edited"}}}}),
                 IsOk());
    REQUIRE_THAT(world.cluster().Trigger(kKustomizeApi, "Kustomization", "app"), IsOk());
    world.Await([&] { return world.Data("app") == "git"; });
    CHECK((*world.cluster().Get("v1", "ConfigMap", "app"))["data"]["tuned"].str() == "edited");
  }
}

}  // namespace
}  // namespace sluice::e2e
