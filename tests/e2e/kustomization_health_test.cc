// How Kustomizations wait for the health of what they apply.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/kube/object.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml.h"
#include "tests/e2e/kustomization_world.h"

namespace sluice::e2e {
namespace {

using ::sluice::testing::IsOk;

TEST_CASE("waiting for health holds no worker, and ends with the object's change", "[e2e]") {
  KustomizationWorld world({"--concurrent=1"});
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
  KustomizationWorld world;
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
  KustomizationWorld world;
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

}  // namespace
}  // namespace sluice::e2e
