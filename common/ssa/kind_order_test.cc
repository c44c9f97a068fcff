// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/kind_order.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace sluice::ssa {
namespace {

ObjectId Id(const char* group, const char* kind, const char* ns, const char* name) {
  return {{ns, name}, {group, "v1", kind}};
}

TEST_CASE("objects are applied in stages", "[ssa]") {
  const std::set<std::string> custom = {"rbac.authorization.k8s.io/Role"};
  CHECK(StageOf(Id("", "Namespace", "", "a"), custom) == Stage::kDefinitions);
  CHECK(StageOf(Id("example.com", "Namespace", "", "a"), custom) == Stage::kEverythingElse);
  CHECK(StageOf(Id("apiextensions.k8s.io", "CustomResourceDefinition", "", "a"), custom) ==
        Stage::kDefinitions);
  CHECK(StageOf(Id("rbac.authorization.k8s.io", "ClusterRole", "", "a"), custom) ==
        Stage::kDefinitions);
  CHECK(StageOf(Id("storage.k8s.io", "StorageClass", "", "a"), custom) == Stage::kClasses);
  CHECK(StageOf(Id("example.com", "WidgetClass", "", "a"), custom) == Stage::kClasses);
  CHECK(StageOf(Id("rbac.authorization.k8s.io", "Role", "x", "a"), custom) == Stage::kCustom);
  CHECK(StageOf(Id("rbac.authorization.k8s.io", "Role", "x", "a"), {}) == Stage::kEverythingElse);
}

TEST_CASE("within a stage, what others need comes first and webhooks last", "[ssa]") {
  const std::vector<ObjectId> in_order = {
      Id("", "ServiceAccount", "a", "x"),
      Id("", "ConfigMap", "a", "x"),
      Id("", "ConfigMap", "a", "y"),
      Id("", "ConfigMap", "b", "a"),
      Id("", "Service", "a", "x"),
      Id("apps", "Deployment", "a", "x"),
      Id("a.example.com", "Zebra", "a", "x"),  // unknown kinds by group, then kind
      Id("b.example.com", "Ant", "a", "x"),
      Id("admissionregistration.k8s.io", "MutatingWebhookConfiguration", "", "x"),
      Id("admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "", "x"),
  };
  std::vector<ObjectId> shuffled(in_order.rbegin(), in_order.rend());
  std::sort(shuffled.begin(), shuffled.end(), AppliedBefore);
  REQUIRE(shuffled.size() == in_order.size());
  for (size_t i = 0; i < in_order.size(); ++i) {
    CAPTURE(i);
    CHECK(shuffled[i].ToString() == in_order[i].ToString());
  }
}

}  // namespace
}  // namespace sluice::ssa
