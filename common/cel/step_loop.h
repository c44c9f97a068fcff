// Loops: what macros become.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/cel/step.h"

namespace sluice::cel {

struct LoopParts {
  StepPtr range, initial, condition, step, result;
  size_t accumulator_slot = 0;
  size_t variable_slot = 0;
  size_t second_slot = 0;
  bool has_second = false;
};

class LoopStep : public Step {
 public:
  explicit LoopStep(LoopParts parts) : parts_(std::move(parts)) {}
  Value Evaluate(Frame& frame) const override;

 private:
  // False when the loop is over; `aborted` is set if the evaluation is.
  bool Turn(Frame& frame, Value& aborted) const;

  LoopParts parts_;
};

}  // namespace sluice::cel
