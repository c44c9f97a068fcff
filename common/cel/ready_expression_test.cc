// SPDX-License-Identifier: Apache-2.0
#include "common/cel/ready_expression.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::cel {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("a readyExpr compares the dependency with who depends on it", "[unit]") {
  const Value self = {{"spec", {{"version", "2"}}}};
  const Value dep = {{"status", {{"version", "2"}, {"phase", "Running"}}}};
  struct Row {
    const char* expression;
    bool ready;
  };
  const Row rows[] = {
      {"dep.status.phase == 'Running'", true},
      {"dep.status.version == self.spec.version", true},
      {"dep.status.version != self.spec.version", false},
      {"has(dep.status.missing)", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK(EvaluateReadyExpression(row.expression, self, dep).value() == row.ready);
  }
}

TEST_CASE("a readyExpr that can never work is told from one that fails now", "[unit]") {
  struct Row {
    const char* expression;
    absl::StatusCode code;
    const char* message;
  };
  const Row rows[] = {
      {"dep.status.", absl::StatusCode::kInvalidArgument, ""},
      {"unknown == 1", absl::StatusCode::kInvalidArgument, "unknown"},
      {"'text'", absl::StatusCode::kInvalidArgument, "does not give a boolean"},
      {"dep.status.phase == 'x'", absl::StatusCode::kFailedPrecondition, "failed to evaluate"},
      {"dep.kind", absl::StatusCode::kFailedPrecondition, "gave no boolean"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.expression);
    CHECK_THAT(
        EvaluateReadyExpression(row.expression, Value::EmptyObject(), {{"kind", "x"}}).status(),
        StatusIs(row.code, row.message));
  }
}

}  // namespace
}  // namespace sluice::cel
