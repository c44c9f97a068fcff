// SPDX-License-Identifier: Apache-2.0
#include "common/cel/step_call.h"

#include "absl/container/inlined_vector.h"
#include "common/cel/compare.h"

namespace sluice::cel {

Value CallStep::Evaluate(Frame& frame) const {
  absl::InlinedVector<Value, 4> args;
  Value error;
  for (const StepPtr& arg : args_) {
    args.push_back(arg->Evaluate(frame));
    if (!args.back().is_error()) continue;
    if (args.back().is_abort()) return args.back();
    // One or two arguments are all evaluated before an error counts.
    if (args_.size() > 2) return args.back();
    if (!error.is_error()) error = args.back();
  }
  const std::span<const Value> span(args.data(), args.size());
  Value result = error;
  if (!error.is_error()) {
    result = NoMatch();
    for (const Implementation candidate : candidates_) {
      result = candidate(span, frame.arena);
      if (!IsNoMatch(result)) break;
    }
    if (IsNoMatch(result)) result = MismatchError(name_, mismatch_, span, frame.arena);
    if (result.is_abort()) return result;
  }
  return frame.Charge(cost_(span, result), result);
}

Value NotStrictlyFalseStep::Evaluate(Frame& frame) const {
  const Value value = value_->Evaluate(frame);
  if (value.is_abort()) return value;
  return frame.Charge(1, Value::Bool(!value.is_false()));
}

Value ConstantMembershipStep::Evaluate(Frame& frame) const {
  const Value value = value_->Evaluate(frame);
  if (value.is_error()) return value;
  for (size_t i = 0; i < Size(list_); ++i) {
    if (Equal(ElementAt(list_, i, frame.arena), value, frame.arena)) return Value::Bool(true);
  }
  return Value::Bool(false);
}

Value AppendStep::Evaluate(Frame& frame) const {
  Value args[] = {list_->Evaluate(frame), element_->Evaluate(frame)};
  for (const Value& arg : args) {
    if (arg.is_abort()) return arg;
  }
  if (const Value charged = frame.Charge(kListCost, Value()); charged.is_error()) return charged;
  Value error = args[1].is_error() ? args[1] : Value();
  if (args[0].is_error()) error = args[0];
  if (!error.is_error() && !args[0].is_list()) error = Value::NoSuchOverload();
  if (error.is_error()) return frame.Charge(1, error);
  return frame.Charge(1, Append(args[0], args[1], frame.arena));
}

}  // namespace sluice::cel
