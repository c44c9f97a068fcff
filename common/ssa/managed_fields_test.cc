// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/managed_fields.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::ssa {
namespace {

Value Cleanup(const char* metadata, const std::vector<std::string>& overridden = {}) {
  return CleanupPatch(Value{{"metadata", value::ParseYaml(metadata).value()}},
                      "kustomize-controller", overridden);
}

TEST_CASE("nothing is cleaned up where only we have been", "[ssa]") {
  CHECK(Cleanup("{resourceVersion: '1', managedFields: [{manager: kustomize-controller, operation: "
                "Apply, fieldsV1: {'f:data': {}}}]}")
            .is_null());
  // Others that may stay: controllers, and anybody's subresources.
  CHECK(Cleanup("{managedFields: [{manager: kube-controller-manager, operation: Update}, {manager: "
                "kubectl, operation: Update, subresource: scale}]}")
            .is_null());
}

TEST_CASE("what kubectl left behind is removed, under the version that was read", "[ssa]") {
  const Value patch = Cleanup(
      "{resourceVersion: '7', annotations: {kubectl.kubernetes.io/last-applied-configuration: x, "
      "mine: y}}");
  REQUIRE(patch.size() == 2);
  CHECK(patch.at(0)["path"].str() == "/metadata/resourceVersion");
  CHECK(patch.at(0)["value"].str() == "7");
  CHECK(patch.at(1)["op"].str() == "remove");
  CHECK(patch.at(1)["path"].str() ==
        "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration");
}

TEST_CASE("fields of kubectl become ours, so that the next apply can take them away", "[ssa]") {
  const Value patch = Cleanup(
      "{managedFields: [{manager: kustomize-controller, operation: Apply, fieldsV1: {'f:data': "
      "{'f:a': {}}}}, {manager: kubectl-edit, operation: Update, fieldsV1: {'f:data': {'f:b': "
      "{}}}}, {manager: hpa, operation: Update, fieldsV1: {'f:spec': {}}}]}");
  REQUIRE(patch.size() == 2);
  CHECK(value::FormatJson(patch.at(1)["value"]) ==
        R"([{"fieldsV1":{"f:spec":{}},"manager":"hpa","operation":"Update"},)"
        R"({"fieldsV1":{"f:data":{"f:a":{},"f:b":{}}},"manager":"kustomize-controller",)"
        R"("operation":"Apply"}])");
}

TEST_CASE("without an entry of ours the first that is folded is renamed", "[ssa]") {
  const Value patch = Cleanup(
      "{managedFields: [{manager: helm, operation: Update, fieldsV1: {'f:data': {}}}]}", {"helm"});
  REQUIRE(patch.size() == 2);
  CHECK(value::FormatJson(patch.at(1)["value"]) ==
        R"([{"fieldsV1":{"f:data":{}},"manager":"kustomize-controller","operation":"Apply"}])");
  CHECK(Cleanup("{managedFields: [{manager: helm, operation: Update}]}").is_null());
}

}  // namespace
}  // namespace sluice::ssa
