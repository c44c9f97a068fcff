// SPDX-License-Identifier: Apache-2.0
#include "common/cel/step_logic.h"

#include "common/cel/compare.h"
#include "common/cel/cost.h"

namespace sluice::cel {

Value LogicStep::Evaluate(Frame& frame) const {
  Value error;
  for (const StepPtr& operand : operands_) {
    const Value value = operand->Evaluate(frame);
    if (value.is_bool()) {
      if (value.boolean() == deciding_) return value;
      continue;
    }
    if (value.is_abort()) return value;
    if (!error.is_error()) error = value.is_error() ? value : Value::NoSuchOverload();
  }
  return error.is_error() ? error : Value::Bool(!deciding_);
}

Value ConditionalStep::Evaluate(Frame& frame) const {
  const Value condition = condition_->Evaluate(frame);
  if (condition.is_bool()) return (condition.boolean() ? yes_ : no_)->Resolve(frame);
  return condition.is_error() ? condition : Value::NoSuchOverload();
}

Value EqualityStep::Evaluate(Frame& frame) const {
  const Value args[] = {left_->Evaluate(frame), right_->Evaluate(frame)};
  if (args[0].is_abort() || args[1].is_abort()) return args[0].is_abort() ? args[0] : args[1];
  Value result = args[0].is_error() ? args[0] : args[1];
  if (!result.is_error()) {
    result = Value::Bool(Equal(args[0], args[1], frame.arena) != negated_);
  }
  return frame.Charge(EqualityCost(args[0], args[1]), result);
}

Value OptionalOrStep::Evaluate(Frame& frame) const {
  const Value value = optional_->Evaluate(frame);
  if (value.kind() != Kind::kOptional) return value;
  if (value.optional() == nullptr) return other_->Evaluate(frame);
  return unwrap_ ? *value.optional() : value;
}

}  // namespace sluice::cel
