// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/predicates.h"

#include <catch2/catch.hpp>

#include "common/value/yaml.h"

namespace sluice::runtime {
namespace {

TEST_CASE("whether somebody waits for an object is read from its status", "[runtime]") {
  struct Row {
    const char* what;
    const char* object;
    bool waits;
  };
  const Row rows[] = {
      {"new", "{metadata: {generation: 1}}", true},
      {"ready",
       "{metadata: {generation: 2}, status: {observedGeneration: 2, conditions: "
       "[{type: Ready, status: 'True'}]}}",
       false},
      {"failed",
       "{metadata: {generation: 2}, status: {observedGeneration: 2, conditions: "
       "[{type: Reconciling, status: 'True'}, {type: Ready, status: 'False'}]}}",
       true},
      {"another generation",
       "{metadata: {generation: 3}, status: {observedGeneration: 2, conditions: "
       "[{type: Ready, status: 'True'}]}}",
       true},
      {"a request",
       "{metadata: {generation: 2, annotations: {reconcile.fluxcd.io/requestedAt: a}}, status: "
       "{observedGeneration: 2, conditions: [{type: Ready, status: 'True'}]}}",
       true},
      {"a request that was handled",
       "{metadata: {generation: 2, annotations: {reconcile.fluxcd.io/requestedAt: a}}, status: "
       "{observedGeneration: 2, lastHandledReconcileAt: a, conditions: "
       "[{type: Ready, status: 'True'}]}}",
       false},
      {"deleted",
       "{metadata: {generation: 2, deletionTimestamp: '2026-01-01T00:00:00Z'}, status: "
       "{observedGeneration: 2, conditions: [{type: Ready, status: 'True'}]}}",
       true},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(AwaitsReconciliation(value::ParseYaml(row.object).value()) == row.waits);
  }
}

}  // namespace
}  // namespace sluice::runtime
