// SPDX-License-Identifier: Apache-2.0
#include "common/cel/step_loop.h"

#include "absl/strings/str_cat.h"
#include "common/cel/print.h"

namespace sluice::cel {
bool LoopStep::Turn(Frame& frame, Value& aborted) const {
  if (++frame.iterations > frame.iteration_limit) {
    aborted = Value::Abort("operation cancelled: iteration limit exceeded");
    return false;
  }
  const Value go_on = parts_.condition->Evaluate(frame);
  if (go_on.is_abort()) {
    aborted = go_on;
    return false;
  }
  if (!go_on.is_true()) return false;
  const Value value = parts_.step->Evaluate(frame);
  if (value.is_abort()) {
    aborted = value;
    return false;
  }
  frame.locals[parts_.accumulator_slot] = value;
  return true;
}

Value LoopStep::Evaluate(Frame& frame) const {
  const Value range = parts_.range->Evaluate(frame);
  if (range.is_error()) return range;
  if (!range.is_list() && !range.is_map()) {
    return Value::Error(
        absl::StrCat("got '", ReferenceTypeName(range), "', expected iterable type"), frame.arena);
  }
  const Value initial = parts_.initial->Evaluate(frame);
  if (initial.is_abort()) return initial;
  frame.locals[parts_.accumulator_slot] = initial;

  Value aborted;
  const size_t count = range.is_list() ? Size(range) : KeyCount(range);
  for (size_t i = 0; i < count; ++i) {
    Value& first = frame.locals[parts_.variable_slot];
    if (range.is_map()) {
      first = KeyAt(range, i, frame.arena);
      if (parts_.has_second) {
        frame.locals[parts_.second_slot] = ValueAt(range, i, frame.arena);
      }
    } else if (parts_.has_second) {
      first = Value::Int(static_cast<int64_t>(i));
      frame.locals[parts_.second_slot] = ElementAt(range, i, frame.arena);
    } else {
      first = ElementAt(range, i, frame.arena);
    }
    if (!Turn(frame, aborted)) break;
  }
  if (aborted.is_error()) return aborted;
  return parts_.result->Evaluate(frame);
}

}  // namespace sluice::cel
