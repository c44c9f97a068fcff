// What a release waits for, by spec.waitStrategy (spec/helm.md §5.12).

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "common/runtime/feature_gates.h"
#include "common/testing/status_matchers.h"
#include "services/helm-controller/options.h"
#include "tests/releases/world.h"

namespace sluice::releases {
namespace {

using Catch::Matchers::Contains;
using ::sluice::testing::IsOk;

constexpr char kDefinition[] = R"(
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: sites.wait.example.com}
spec:
  group: wait.example.com
  names: {kind: Site, plural: sites}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
)";
// For kstatus it is in progress; Helm 3 has no rule for its kind.
constexpr char kSite[] = R"(
apiVersion: wait.example.com/v1
kind: Site
metadata: {name: r-web}
status: {conditions: [{type: Ready, status: "False"}]}
)";

TEST_CASE("a wait is by kstatus, or by the rules of Helm 3", "[helm_release]") {
  struct Row {
    const char* fields;
    bool helm3_defaults;
    const char* ready;
  };
  constexpr char kInstalled[] = "True InstallSucceeded";
  constexpr char kWaits[] = "Site/default/r-web status: 'InProgress'";
  const Row rows[] = {
      {"", false, kWaits},
      {"waitStrategy: {name: poller}", false, kWaits},
      {"waitStrategy: {name: legacy}", false, kInstalled},
      {"", true, kInstalled},
      {"waitStrategy: {name: poller}", true, kWaits},
  };
  for (const Row& row : rows) {
    CAPTURE(row.fields, row.helm3_defaults);
    World world;
    world.options().process.feature_gates =
        runtime::FeatureGates({{helm_controller::kUseHelm3Defaults, row.helm3_defaults}});
    world.PublishChart("web", "1.0.0",
                       {{"crds/site.yaml", kDefinition}, {"templates/site.yaml", kSite}});
    world.ApplyRelease(row.fields);
    REQUIRE_THAT(world.Reconcile().status(), IsOk());
    CHECK_THAT(world.Condition("Ready"), Contains(row.ready));
  }
}

}  // namespace
}  // namespace sluice::releases
