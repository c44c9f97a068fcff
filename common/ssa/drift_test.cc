// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/drift.h"

#include <catch2/catch.hpp>

#include "common/value/yaml.h"

namespace sluice::ssa {
namespace {

TEST_CASE("drift is what we manage, not what the server keeps", "[ssa]") {
  struct Row {
    const char* live;
    const char* dry_run;
    bool drifted;
  };
  const Row rows[] = {
      {"{spec: {a: 1}}", "{spec: {a: 1}}", false},
      {"{spec: {a: 1}}", "{spec: {a: 2}}", true},
      {"{spec: {a: 1}}", "{spec: {a: '1'}}", true},
      {"{spec: {a: 1, b: 2}}", "{spec: {a: 1}}", true},
      {"{spec: {a: 1}}", "{spec: {a: 1}, data: {x: y}}", true},
      {"{spec: {list: [1, 2]}}", "{spec: {list: [2, 1]}}", true},
      {"{spec: {list: [1]}}", "{spec: {list: [1, 2]}}", true},
      // Nothing is nothing, however it is written.
      {"{spec: {a: 1, b: {}}}", "{spec: {a: 1}}", false},
      {"{spec: {a: 1}}", "{spec: {a: 1, b: []}}", false},
      {"{spec: {a: 1, b: null}}", "{spec: {a: 1, b: []}}", false},
      {"{metadata: {labels: {}}}", "{metadata: {}}", false},
      {"{metadata: {labels: {a: b}}}", "{metadata: {}}", true},
      {"{metadata: {annotations: {a: b}}}", "{metadata: {annotations: {a: c}}}", true},
      {"{metadata: {resourceVersion: '1', finalizers: [x]}}", "{metadata: {resourceVersion: '2'}}",
       false},
      {"{status: {ready: true}}", "{status: {ready: false}}", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.live, row.dry_run);
    CHECK(HasDrifted(value::ParseYaml(row.live).value(), value::ParseYaml(row.dry_run).value()) ==
          row.drifted);
  }
}

}  // namespace
}  // namespace sluice::ssa
