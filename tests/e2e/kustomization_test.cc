// What kustomize-controller does beyond the loop of loop_test.cc: dependencies, pruning, drift, and
// how little it does when nothing has changed. Health has its own file.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/kube/object.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml.h"
#include "tests/e2e/kustomization_world.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

// Changes one file of one of `count` Kustomizations.
void CommitToOneOf(int count) {
  KustomizationWorld world;
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

TEST_CASE("dependencies: expressions, other kinds, and circles", "[e2e]") {
  KustomizationWorld world;
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
  KustomizationWorld world;
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
  KustomizationWorld world({"--prune-budget=1"});
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
  KustomizationWorld world;
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
