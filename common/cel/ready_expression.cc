// SPDX-License-Identifier: Apache-2.0
#include "common/cel/ready_expression.h"

#include "absl/strings/str_cat.h"
#include "common/cel/program.h"

namespace sluice::cel {
namespace {

bool MayBeBool(const TypePtr& type) {
  return type->kind == Type::Kind::kBool || type->kind == Type::Kind::kDyn;
}

}  // namespace

absl::StatusOr<bool> EvaluateReadyExpression(absl::string_view expression, const Value& self,
                                             const Value& dep) {
  const auto program =
      Program::Compile(expression, {{.name = "self"}, {.name = "dep"}}, Features::Flux());
  if (!program.ok()) return absl::InvalidArgumentError(program.status().message());
  if (!MayBeBool((*program)->type())) {
    return absl::InvalidArgumentError(
        absl::StrCat("the CEL expression '", expression, "' does not give a boolean"));
  }
  Bindings bindings;
  bindings.Bind("self", self);
  bindings.Bind("dep", dep);
  const Outcome outcome = (*program)->Evaluate(bindings);
  if (!outcome.value.ok()) {
    return absl::FailedPreconditionError(absl::StrCat("failed to evaluate the CEL expression '",
                                                      expression,
                                                      "': ", outcome.value.status().message()));
  }
  if (!outcome.value->is_bool()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the CEL expression '", expression, "' gave no boolean"));
  }
  return outcome.value->bool_or(false);
}

}  // namespace sluice::cel
