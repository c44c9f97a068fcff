// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/three_way.h"

#include <catch2/catch.hpp>

#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::helm_controller {
namespace {

const kube::GroupVersionKind kDeployment = {"apps", "v1", "Deployment"};
const kube::GroupVersionKind kCustom = {"example.com", "v1", "Thing"};

TEST_CASE("a three-way patch changes what the chart says and removes what it no longer says",
          "[action]") {
  struct Row {
    const char* name;
    kube::GroupVersionKind gvk;
    const char* original;
    const char* modified;
    const char* live;
    const char* patch;
  };
  const Row rows[] = {
      {"nothing to do", kDeployment, "{spec: {replicas: 1}}", "{spec: {replicas: 1}}",
       "{spec: {replicas: 1, paused: true}}", "{}"},
      {"a manual edit is reverted", kDeployment, "{spec: {replicas: 1}}", "{spec: {replicas: 1}}",
       "{spec: {replicas: 5}}", "{spec: {replicas: 1}}"},
      {"a field that left the chart goes, another's stays", kDeployment,
       "{spec: {replicas: 1, paused: true}}", "{spec: {replicas: 1}}",
       "{spec: {replicas: 1, paused: true, minReadySeconds: 3}}", "{spec: {paused: null}}"},
      {"a field that left the chart and the cluster needs nothing", kDeployment,
       "{spec: {paused: true}}", "{spec: {}}", "{spec: {}}", "{}"},
      {"lists merge by key", kDeployment,
       "{spec: {template: {spec: {containers: [{name: a, image: x}, {name: b, image: y}]}}}}",
       "{spec: {template: {spec: {containers: [{name: a, image: z}]}}}}",
       "{spec: {template: {spec: {containers: [{name: a, image: x}, {name: b, image: y}, {name: "
       "injected, image: i}]}}}}",
       "{spec: {template: {spec: {containers: [{name: a, image: z}, {name: b, $patch: "
       "delete}]}}}}"},
      {"lists of other kinds are replaced", kCustom, "{spec: {list: [1]}}", "{spec: {list: [2]}}",
       "{spec: {list: [1, 3]}}", "{spec: {list: [2]}}"},
      {"a number is the same as integer and as double", kCustom, "{}", "{spec: {n: 1.0}}",
       "{spec: {n: 1}}", "{}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    const Value patch =
        ThreeWayPatch(row.gvk, value::ParseYaml(row.original).value(),
                      value::ParseYaml(row.modified).value(), value::ParseYaml(row.live).value());
    CHECK(value::FormatJson(patch) == value::FormatJson(value::ParseYaml(row.patch).value()));
  }
}

TEST_CASE("built-in kinds are told from custom ones", "[action]") {
  CHECK(IsBuiltin(kDeployment));
  CHECK_FALSE(IsBuiltin(kCustom));
  CHECK_FALSE(IsBuiltin({"apiextensions.k8s.io", "v1", "CustomResourceDefinition"}));
}

}  // namespace
}  // namespace sluice::helm_controller
