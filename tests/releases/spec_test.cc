// What fields of a HelmRelease's spec do that decide about more than one action (spec/helm.md §1).

// SPDX-License-Identifier: Apache-2.0

#include <catch2/catch.hpp>
#include <thread>

#include "absl/strings/match.h"
#include "common/testing/status_matchers.h"
#include "tests/releases/world.h"

namespace sluice::releases {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using ::sluice::testing::IsOk;
using Lines = std::vector<std::string>;

const kube::Resource kConfigMaps = {"", "v1", "configmaps", "ConfigMap", true};

TEST_CASE("a release waits for its dependencies", "[helm_release]") {
  World world;
  world.PublishChart("web", "1.0.0", TroublesomeChart());
  world.Apply(
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: gate, namespace: default}, data: {open: "
      "'no'}}");
  world.Apply(
      "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: base, "
      "namespace: default}, spec: {interval: 10m, chartRef: {kind: HelmChart, name: chart}}}");
  struct Row {
    const char* dependency;
    const char* ready;  // how the message of Ready begins
  };
  const Row rows[] = {
      {"{name: nope}", "False DependencyNotReady: unable to get 'default/nope' dependency: "},
      {"{name: base}", "False DependencyNotReady: dependency 'default/base' is not ready"},
      {"{name: base, readyExpr: \"dep.spec.interval == '1m'\"}",
       "False DependencyNotReady: dependency 'default/base' is not ready according to readyExpr "
       "eval"},
      {"{name: base, readyExpr: \"dep.status.phase == 'x'\"}",
       "False DependencyNotReady: failed to evaluate dependency 'default/base'"},
      {"{name: base, readyExpr: 'dep.'}",
       "False InvalidCELExpression: Reconciliation failed terminally due to configuration error"},
      {"{name: base, readyExpr: \"'text'\"}", "False InvalidCELExpression"},
      {"{apiVersion: v1, kind: ConfigMap, name: gate, readyExpr: \"dep.data.open == 'yes'\"}",
       "False DependencyNotReady: dependency 'ConfigMap/default/gate' is not ready"},
      {"{apiVersion: v1, kind: ConfigMap, name: gate}", "True InstallSucceeded"},
      {"{name: base, readyExpr: 'dep.spec.interval == self.spec.interval'}",
       "True InstallSucceeded"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.dependency);
    world.ApplyRelease(absl::StrCat("dependsOn: [", row.dependency, "]"));
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK_THAT(world.Condition("Ready"), StartsWith(row.ready));
    const bool stalls = absl::StrContains(row.ready, "InvalidCEL");
    CHECK(world.Condition("Stalled").empty() != stalls);
  }
}

std::vector<helm::ChartFile> ChartWithDefinition(const std::string& mark) {
  std::vector<helm::ChartFile> files = TroublesomeChart();
  files.push_back(
      {"crds/widgets.yaml",
       absl::StrCat("apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
                    "metadata: {name: widgets.example.com, annotations: {mark: ",
                    mark,
                    "}}\nspec:\n  group: example.com\n  names: {plural: widgets, kind: Widget}\n  "
                    "scope: Namespaced\n  versions:\n  - name: v1\n    served: true\n    storage: "
                    "true\n    schema: {openAPIV3Schema: {type: object}}\n")});
  return files;
}

TEST_CASE("a chart's definitions are created, replaced or left alone", "[helm_release]") {
  struct Row {
    const char* fields;
    const char* installed;  // the mark on the definition, "" without one
    const char* upgraded;
  };
  const Row rows[] = {
      {"install: {crds: Skip}, upgrade: {crds: Skip}", "", ""},
      {"install: {crds: Create}, upgrade: {crds: Skip}", "one", "one"},
      {"install: {crds: CreateReplace}, upgrade: {crds: CreateReplace}", "one", "two"},
      {"install: {crds: Skip}, upgrade: {crds: Create}", "", "two"},
      // From the client, Create leaves what is there.
      {"install: {crds: Create, serverSideApply: false}, upgrade: {crds: Create, "
       "serverSideApply: disabled}",
       "one", "one"},
      {"install: {crds: Create, serverSideApply: false}, upgrade: {crds: CreateReplace, "
       "serverSideApply: disabled}",
       "one", "two"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fields);
    World world;
    const auto mark = [&] {
      return std::string(kube::Annotation(
          world.Get("apiextensions.k8s.io/v1", "CustomResourceDefinition", "widgets.example.com"),
          "mark"));
    };
    world.PublishChart("web", "1.0.0", ChartWithDefinition("one"));
    world.ApplyRelease(row.fields);
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK(mark() == row.installed);
    world.PublishChart("web", "1.1.0", ChartWithDefinition("two"));
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK(world.History().front() == "v2 deployed (upgrade)");
    CHECK(mark() == row.upgraded);
    world.client()
        .Delete(world.ctx(),
                {"apiextensions.k8s.io", "v1", "customresourcedefinitions",
                 "CustomResourceDefinition", false},
                {"", "widgets.example.com"})
        .IgnoreError();
  }
}

TEST_CASE("post-renderers see hooks as postRenderStrategy says", "[helm_release]") {
  struct Row {
    const char* strategy;
    bool hooks;
  };
  for (const Row& row : {Row{"combined", true}, Row{"separate", true}, Row{"nohooks", false}}) {
    CAPTURE(row.strategy);
    World world;
    world.PublishChart("web", "1.0.0", TroublesomeChart());
    world.ApplyRelease(absl::StrCat(
        "postRenderStrategy: ", row.strategy,
        ", postRenderers: [{kustomize: {patches: [{target: {kind: ConfigMap}, patch: \"kind: "
        "ConfigMap\\nmetadata: {name: x, labels: {patched: 'yes'}}\"}]}}], commonMetadata: "
        "{labels: {team: a}}"));
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK_THAT(world.Condition("Ready"), StartsWith("True "));
    CHECK(kube::Label(world.Get("v1", "ConfigMap", "r-config"), "team") == "a");
    helm_release::Storage storage(world.client(), "default", RealClock());
    const auto record = storage.Get(world.ctx(), "r", 1).value();
    REQUIRE(record.hooks.size() == 1);
    CHECK(absl::StrContains(record.manifest, "patched: \"yes\""));
    CHECK(absl::StrContains(record.hooks[0].hook.manifest, "patched: \"yes\"") == row.hooks);
    CHECK(absl::StrContains(record.hooks[0].hook.manifest, "team: a") == row.hooks);
  }
}

TEST_CASE("an object that is a hook as well needs separate post-rendering", "[helm_release]") {
  std::vector<helm::ChartFile> files = {
      {"templates/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: same}\n"},
      {"templates/hook.yaml",
       "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: same, annotations: {helm.sh/hook: "
       "test}}\n"}};
  World world;
  world.PublishChart("web", "1.0.0", files);
  world.ApplyRelease();
  world.Reconcile().status().IgnoreError();
  CHECK_THAT(world.Condition("Ready"),
             Contains("may not add resource with an already registered id"));
  world.ApplyRelease("postRenderStrategy: separate");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK_THAT(world.Condition("Ready"), StartsWith("True "));
}

TEST_CASE("a release whose namespaces change moves there", "[helm_release]") {
  World world;
  world.Apply("{apiVersion: v1, kind: Namespace, metadata: {name: other}}");
  const auto has = [&](const std::string& ns, const std::string& name) {
    return world.client().Get(world.ctx(), kConfigMaps, {ns, name}).ok();
  };
  const auto stored = [&](const std::string& ns, const std::string& name) {
    helm_release::Storage storage(world.client(), ns, RealClock());
    return storage.List(world.ctx(), name).value().size();
  };
  world.PublishChart("web", "1.0.0", TroublesomeChart());
  world.ApplyRelease("releaseName: web");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(has("default", "web-config"));
  CHECK(stored("default", "web") == 1);

  world.ApplyRelease("releaseName: web, targetNamespace: other");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK_FALSE(has("default", "web-config"));
  CHECK(has("other", "web-config"));
  CHECK(stored("default", "web") == 1);
  CHECK(world.History() == Lines{"v1 deployed (install)"});

  world.ApplyRelease("releaseName: web, targetNamespace: other, storageNamespace: other");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(has("other", "web-config"));
  CHECK(stored("default", "web") == 0);
  CHECK(stored("other", "web") == 1);
  CHECK(world.Release()["status"]["storageNamespace"].str() == "other");
}

TEST_CASE("a chart of a registry is told apart by its digest", "[helm_release]") {
  World world;
  helm::Metadata metadata;
  metadata.name = "web";
  metadata.version = "1.0.0";
  metadata.api_version = "v2";
  const std::string archive =
      helm::Package(metadata, TroublesomeChart(), absl::UnixEpoch()).value();
  const auto publish = [&](char digit) {
    world.PublishArchive(archive, absl::StrCat("1.0.0@sha256:", std::string(64, digit)),
                         "OCIRepository");
  };
  publish('a');
  world.Apply(
      "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: r, namespace: "
      "default}, spec: {interval: 10m, chartRef: {kind: OCIRepository, name: chart}}}");
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  const auto latest = [&] { return world.Release()["status"]["history"].at(0); };
  CHECK(latest()["chartVersion"].str() == "1.0.0+aaaaaaaaaaaa");
  CHECK(latest()["ociDigest"].str() == "sha256:" + std::string(64, 'a'));
  // The same tag, pushed again.
  publish('b');
  REQUIRE_THAT(world.Reconcile().status(), IsOk());
  CHECK(latest()["chartVersion"].str() == "1.0.0+bbbbbbbbbbbb");
  CHECK(world.History().front() == "v2 deployed (upgrade)");
}

TEST_CASE("snapshots have digests of the algorithm that was asked for", "[helm_release]") {
  for (const char* algorithm : {"sha512", "blake3"}) {
    CAPTURE(algorithm);
    World world;
    world.options().snapshot_digest_algorithm = algorithm;
    world.PublishChart("web", "1.0.0", TroublesomeChart());
    world.ApplyRelease();
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    const Value snapshot = world.Release()["status"]["history"].at(0);
    CHECK_THAT(std::string(snapshot["digest"].str()), StartsWith(algorithm));
    world.StartController();
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK(world.History() == Lines{"v1 deployed (install)"});
  }
}

TEST_CASE("a wait ends for something newer, where that is switched on", "[helm_release]") {
  for (const bool gate : {true, false}) {
    CAPTURE(gate);
    World world;
    world.options().process.feature_gates =
        runtime::FeatureGates({{helm_controller::kCancelHealthCheckOnNewRevision, gate}});
    world.PublishChart("web", "1.0.0", TroublesomeChart());
    world.ApplyRelease(
        "healthCheckExprs: [{apiVersion: v1, kind: ConfigMap, current: 'has(data.never)'}]");
    std::optional<runtime::Action> action;
    std::jthread waiting([&] { action = world.ReconcileOnce().value(); });
    const Context limit = Context::Background().WithTimeout(absl::Seconds(5));
    while (!absl::StrContains(world.Condition("Ready"), "Running 'install'") &&
           limit.Check().ok()) {
      RealClock().Sleep(limit, absl::Milliseconds(5)).IgnoreError();
    }
    REQUIRE(limit.Check().ok());
    world.owners().Supersede({"default", "r"}, "HelmChart/default/chart");
    waiting.join();
    CHECK_THAT(world.Condition("Ready"),
               StartsWith(gate ? "False HealthCheckCanceled: New reconciliation triggered by "
                                 "HelmChart/default/chart"
                               : "False InstallFailed: "));
    CHECK(action->rate_limited() == gate);
  }
}

TEST_CASE("without a persistent client kinds of a moment ago are seen", "[helm_release]") {
  for (const bool persistent : {true, false}) {
    CAPTURE(persistent);
    World world;
    world.PublishChart(
        "web", "1.0.0",
        {{"templates/config.yaml",
          "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\ndata: {known: {{ "
          ".Capabilities.APIVersions.Has \"example.com/v1/Widget\" | quote }}, value: {{ "
          ".Values.value | quote }}}\n"},
         {"values.yaml", "value: one\n"}});
    const std::string fields = absl::StrCat("persistentClient: ", persistent ? "true" : "false");
    world.ApplyRelease(fields);
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    world.Apply(ChartWithDefinition("one").back().data);
    world.ApplyRelease(absl::StrCat(fields, ", values: {value: two}"));
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK(world.Get("v1", "ConfigMap", "config")["data"]["known"].str() ==
          (persistent ? "false" : "true"));
    world.client()
        .Delete(world.ctx(),
                {"apiextensions.k8s.io", "v1", "customresourcedefinitions",
                 "CustomResourceDefinition", false},
                {"", "widgets.example.com"})
        .IgnoreError();
  }
}

}  // namespace
}  // namespace sluice::releases
