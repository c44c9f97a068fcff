// SPDX-License-Identifier: Apache-2.0
#include "common/cel/step_regex.h"

namespace sluice::cel {

Value MatchesStep::Evaluate(Frame& frame) const {
  const Value args[] = {text_->Evaluate(frame), pattern_};
  if (args[0].is_abort()) return args[0];
  Value result = args[0];
  if (args[0].is_string()) {
    result = Value::Bool(regex_.MatchesIn(args[0].text()));
  } else if (!args[0].is_error()) {
    result = Value::NoSuchOverload();
  }
  return frame.Charge(cost_(std::span<const Value>(args), result), result);
}

}  // namespace sluice::cel
