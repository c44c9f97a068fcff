// && || ?: == != and the steps of optional values that do not look at all of their operands.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/cel/step.h"

namespace sluice::cel {

// All operands of a chain. The first that decides wins over errors before it; without one the first
// error does.
class LogicStep : public Step {
 public:
  LogicStep(bool deciding, std::vector<StepPtr> operands)
      : deciding_(deciding), operands_(std::move(operands)) {}
  Value Evaluate(Frame& frame) const override;

 private:
  bool deciding_;  // false for &&, true for ||
  std::vector<StepPtr> operands_;
};

class ConditionalStep : public Step {
 public:
  ConditionalStep(StepPtr condition, StepPtr yes, StepPtr no)
      : condition_(std::move(condition)), yes_(std::move(yes)), no_(std::move(no)) {}
  Value Evaluate(Frame& frame) const override;
  bool is_conditional() const override { return true; }

 private:
  StepPtr condition_, yes_, no_;
};

class EqualityStep : public Step {
 public:
  EqualityStep(bool negated, StepPtr left, StepPtr right)
      : negated_(negated), left_(std::move(left)), right_(std::move(right)) {}
  Value Evaluate(Frame& frame) const override;

 private:
  bool negated_;
  StepPtr left_, right_;
};

// optional.or(other) and optional.orValue(value).
class OptionalOrStep : public Step {
 public:
  OptionalOrStep(bool unwrap, StepPtr optional, StepPtr other)
      : unwrap_(unwrap), optional_(std::move(optional)), other_(std::move(other)) {}
  Value Evaluate(Frame& frame) const override;

 private:
  bool unwrap_;
  StepPtr optional_, other_;
};

}  // namespace sluice::cel
