// Looking up: a variable, or a computed value, and what is selected from it by field and index.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/cel/step.h"

namespace sluice::cel {

struct Qualifier {
  // The key if it is known, else a step to compute it.
  Value key;
  StepPtr computed;
  bool optional = false;  // .?field, [?index]
};

class AttributeStep : public Step {
 public:
  // A variable from outside. `fallback` is the type of this name, used if there is no such
  // variable, or null. `names_grow`: selected fields are part of the name in messages.
  static std::unique_ptr<AttributeStep> Global(std::string name, const Value* fallback,
                                               bool names_grow);
  // A variable of a loop.
  static std::unique_ptr<AttributeStep> Local(size_t slot);
  // What a step computes.
  static std::unique_ptr<AttributeStep> Of(StepPtr operand);

  void Add(Qualifier qualifier);
  // Makes it has(…): whether the last selection finds something.
  void MakeTest() { is_test_ = true; }
  bool is_test() const { return is_test_; }

  Value Evaluate(Frame& frame) const override;
  Value Resolve(Frame& frame) const override;
  AttributeStep* AsAttribute() override { return is_test_ ? nullptr : this; }

 private:
  enum class Base { kGlobal, kLocal, kOperand };

  Value BaseValue(Frame& frame) const;
  Value ApplyQualifiers(Value value, Frame& frame) const;

  Base base_ = Base::kGlobal;
  std::string name_;
  std::string full_name_;  // with the fields selected first
  bool names_grow_ = false;
  bool has_fallback_ = false;
  Value fallback_;
  size_t slot_ = 0;
  StepPtr operand_;
  std::vector<Qualifier> qualifiers_;
  bool is_test_ = false;
};

// Whether a value of this kind can select at all: a string, a number or a truth value.
bool CanSelect(const Value& key);

// value.key or value[key]. Where nothing is found: absent if `test`, else an error.
Found Select(const Value& value, const Value& key, bool test, Arena& arena);

}  // namespace sluice::cel
