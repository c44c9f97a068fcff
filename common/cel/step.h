// An expression ready to be evaluated: a tree of steps, and what they work with.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/cel/arena.h"
#include "common/cel/bindings.h"
#include "common/cel/value.h"

namespace sluice::cel {

// One evaluation.
struct Frame {
  Arena& arena;
  const Bindings& bindings;
  std::span<Value> locals;  // the variables of loops
  uint64_t cost_limit;
  uint64_t iteration_limit;
  uint64_t cost = 0;
  uint64_t iterations = 0;

  // Adds to the cost. `value`, or the end of the evaluation if that is too much.
  Value Charge(uint64_t amount, const Value& value) {
    cost += amount;
    if (cost > cost_limit) {
      return Value::Abort("operation cancelled: actual cost limit exceeded");
    }
    if (arena.exhausted()) return Value::Abort("operation cancelled: memory limit exceeded");
    return value;
  }
};

// Immutable once planned, so safe to evaluate from several threads.
class Step {
 public:
  virtual ~Step() = default;
  virtual Value Evaluate(Frame& frame) const = 0;
  // The same without the cost of looking the value up, for a step that only looks one up.
  virtual Value Resolve(Frame& frame) const { return Evaluate(frame); }
  // The value, if it is known already; else null.
  virtual const Value* constant() const { return nullptr; }
  // Selections from it can be added to it (step_attribute.h).
  virtual class AttributeStep* AsAttribute() { return nullptr; }
  // Whether looking its value up has no cost of its own.
  virtual bool is_conditional() const { return false; }
};
using StepPtr = std::unique_ptr<const Step>;

class ConstantStep : public Step {
 public:
  explicit ConstantStep(Value value) : value_(value) {}
  Value Evaluate(Frame&) const override { return value_; }
  const Value* constant() const override { return &value_; }

 private:
  Value value_;
};

}  // namespace sluice::cel
