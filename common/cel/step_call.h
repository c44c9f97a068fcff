// Calling functions.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/cel/cost.h"
#include "common/cel/function.h"
#include "common/cel/step.h"

namespace sluice::cel {

class CallStep : public Step {
 public:
  // `candidates` are tried in turn until one takes the arguments.
  CallStep(std::string name, std::vector<Implementation> candidates, Mismatch mismatch,
           CostRule cost, std::vector<StepPtr> args)
      : name_(std::move(name)),
        candidates_(std::move(candidates)),
        mismatch_(mismatch),
        cost_(cost),
        args_(std::move(args)) {}
  Value Evaluate(Frame& frame) const override;

 private:
  std::string name_;
  std::vector<Implementation> candidates_;
  Mismatch mismatch_;
  CostRule cost_;
  std::vector<StepPtr> args_;
};

// Whether a loop goes on: unless the value is false.
class NotStrictlyFalseStep : public Step {
 public:
  explicit NotStrictlyFalseStep(StepPtr value) : value_(std::move(value)) {}
  Value Evaluate(Frame& frame) const override;

 private:
  StepPtr value_;
};

// Whether a value is among constants.
class ConstantMembershipStep : public Step {
 public:
  ConstantMembershipStep(StepPtr value, Value list) : value_(std::move(value)), list_(list) {}
  Value Evaluate(Frame& frame) const override;

 private:
  StepPtr value_;
  Value list_;
};

// accumulator + [element], in time that does not grow with the list.
class AppendStep : public Step {
 public:
  AppendStep(StepPtr list, StepPtr element)
      : list_(std::move(list)), element_(std::move(element)) {}
  Value Evaluate(Frame& frame) const override;

 private:
  StepPtr list_, element_;
};

}  // namespace sluice::cel
