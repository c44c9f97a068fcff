// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/object_id.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::ssa {
namespace {

TEST_CASE("inventory ids are Flux's", "[ssa]") {
  struct Row {
    ObjectId id;
    const char* text;
  };
  const Row rows[] = {
      {{{"default", "podinfo"}, {"apps", "v1", "Deployment"}}, "default_podinfo_apps_Deployment"},
      {{{"", "podinfo"}, {"", "v1", "Namespace"}}, "_podinfo__Namespace"},
      {{{"", "podinfos.example.com"}, {"apiextensions.k8s.io", "v1", "CustomResourceDefinition"}},
       "_podinfos.example.com_apiextensions.k8s.io_CustomResourceDefinition"},
      {{{"kube-system", "system:aggregated"}, {"rbac.authorization.k8s.io", "v1", "Role"}},
       "kube-system_system__aggregated_rbac.authorization.k8s.io_Role"},
      {{{"", "system:coredns"}, {"rbac.authorization.k8s.io", "v1", "ClusterRole"}},
       "_system__coredns_rbac.authorization.k8s.io_ClusterRole"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(row.id.ToString() == row.text);
    const ObjectId parsed = ObjectId::Parse(row.text, row.id.gvk.version).value();
    CHECK(parsed.SameObject(row.id));
    CHECK(parsed.gvk == row.id.gvk);
  }
}

TEST_CASE("an inventory entry that does not parse is an error, not forgotten", "[ssa]") {
  for (const char* text : {"", "x", "a_b", "a_b_c", "___", "a__b_"}) {
    CAPTURE(text);
    CHECK_THAT(ObjectId::Parse(text, "v1").status(),
               testing::StatusIs(absl::StatusCode::kInvalidArgument, "inventory id"));
  }
}

TEST_CASE("another version of a kind is not stale", "[ssa]") {
  const Inventory before = {{{"a", "x"}, {"g", "v1beta1", "K"}}, {{"a", "y"}, {"g", "v1", "K"}}};
  const Inventory after = {{{"a", "x"}, {"g", "v1", "K"}}};
  const Inventory stale = Difference(before, after);
  REQUIRE(stale.size() == 1);
  CHECK(stale[0].key.name == "y");
  CHECK(EncodeInventory(stale)["entries"].at(0)["id"].str() == "a_y_g_K");
}

}  // namespace
}  // namespace sluice::ssa
