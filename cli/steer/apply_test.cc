// SPDX-License-Identifier: Apache-2.0
#include "cli/steer/apply.h"

#include <catch2/catch.hpp>

#include "common/kube/object.h"
#include "common/testing/status_matchers.h"

namespace sluice::cli {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("lists are taken apart and empty documents left out", "[cli]") {
  const auto objects = ReadManifests("x.yaml", R"(---
# nothing
---
apiVersion: v1
kind: Namespace
metadata: {name: a}
---
apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}
- {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}
)");
  REQUIRE(objects.ok());
  REQUIRE(objects->size() == 3);
  CHECK(kube::Name((*objects)[2]) == "c");
}

TEST_CASE("what is no object is refused by file and line", "[cli]") {
  CHECK_THAT(
      ReadManifests("x.yaml", "apiVersion: v1\nkind: A\nmetadata: {name: a}\n---\na: 1\n").status(),
      StatusIs(absl::StatusCode::kInvalidArgument, "x.yaml: line 5: not an object"));
  CHECK_THAT(ReadManifests("x.yaml", "a: [1\n").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "x.yaml: "));
}

}  // namespace
}  // namespace sluice::cli
