// SPDX-License-Identifier: Apache-2.0
#include "common/cel/step_attribute.h"

#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/cel/print.h"

namespace sluice::cel {
namespace {

Found Missing(absl::string_view what, const Value& key, bool test, Arena& arena) {
  if (test) return {};
  return {true, Value::Error(absl::StrCat(what, Print(key)), arena)};
}

Found SelectFromList(const Value& list, const Value& key, bool test, Arena& arena) {
  int64_t index = 0;
  switch (key.kind()) {
    case Kind::kInt:
      index = key.integer();
      break;
    case Kind::kUint:
      index = key.integer() < 0 ? -1 : key.integer();
      break;
    case Kind::kDouble:
      if (std::trunc(key.floating()) == key.floating() && std::abs(key.floating()) < 9e18) {
        index = static_cast<int64_t>(key.floating());
        break;
      }
      return {true, Value::Error(absl::StrCat("unsupported index value ", Print(key), " in list"),
                                 arena)};
    default:
      return {true,
              Value::Error(absl::StrCat("unsupported index type '", key.type_name(), "' in list"),
                           arena)};
  }
  if (index < 0 || static_cast<uint64_t>(index) >= Size(list)) {
    return Missing("index out of bounds: ", key, test, arena);
  }
  return {true, ElementAt(list, static_cast<size_t>(index), arena)};
}

}  // namespace

bool CanSelect(const Value& key) { return key.is_string() || key.is_number() || key.is_bool(); }

Found Select(const Value& value, const Value& key, bool test, Arena& arena) {
  if (value.is_error()) return {true, value};
  if (value.is_map()) {
    const Found found = FindKey(value, key, arena);
    if (found.present) return found;
  } else if (value.is_list()) {
    return SelectFromList(value, key, test, arena);
  }
  return Missing("no such key: ", key, test, arena);
}

std::unique_ptr<AttributeStep> AttributeStep::Global(std::string name, const Value* fallback,
                                                     bool names_grow) {
  auto step = std::make_unique<AttributeStep>();
  step->base_ = Base::kGlobal;
  step->full_name_ = name;
  step->name_ = std::move(name);
  step->names_grow_ = names_grow;
  if (fallback != nullptr) {
    step->has_fallback_ = true;
    step->fallback_ = *fallback;
  }
  return step;
}

std::unique_ptr<AttributeStep> AttributeStep::Local(size_t slot) {
  auto step = std::make_unique<AttributeStep>();
  step->base_ = Base::kLocal;
  step->slot_ = slot;
  return step;
}

std::unique_ptr<AttributeStep> AttributeStep::Of(StepPtr operand) {
  auto step = std::make_unique<AttributeStep>();
  step->base_ = Base::kOperand;
  step->operand_ = std::move(operand);
  return step;
}

void AttributeStep::Add(Qualifier qualifier) {
  if (names_grow_ && qualifier.computed == nullptr && qualifier.key.is_string()) {
    absl::StrAppend(&full_name_, ".", qualifier.key.text());
  } else {
    names_grow_ = false;
  }
  qualifiers_.push_back(std::move(qualifier));
}

Value AttributeStep::BaseValue(Frame& frame) const {
  switch (base_) {
    case Base::kLocal:
      return frame.locals[slot_];
    case Base::kOperand:
      return operand_->Evaluate(frame);
    case Base::kGlobal:
      break;
  }
  const Bindings::Entry entry = frame.bindings.Find(name_);
  if (entry.name.data() == nullptr) {
    if (has_fallback_ && qualifiers_.empty()) return fallback_;
    return Value::Error(absl::StrCat("no such attribute(s): ", full_name_), frame.arena);
  }
  if (entry.form == Bindings::Form::kOptional) {
    if (entry.document == nullptr) return Value::None();
    return Value::Some(Value::Document(*entry.document, entry.schema, frame.arena), frame.arena);
  }
  return Value::Document(*entry.document, entry.schema, frame.arena);
}

Value AttributeStep::ApplyQualifiers(Value value, Frame& frame) const {
  bool optional = false;
  if (value.kind() == Kind::kOptional && !qualifiers_.empty()) {
    if (value.optional() == nullptr) return is_test_ ? Value::Bool(false) : value;
    value = *value.optional();
    optional = true;
  }
  for (size_t i = 0; i < qualifiers_.size(); ++i) {
    const Qualifier& qualifier = qualifiers_[i];
    optional = optional || qualifier.optional;
    const bool last = i + 1 == qualifiers_.size();
    const bool test = optional || (is_test_ && last);
    Value key = qualifier.key;
    if (qualifier.computed != nullptr) {
      key = qualifier.computed->Resolve(frame);
      if (!key.is_error() && !CanSelect(key)) {
        key = Value::Error(absl::StrCat("invalid qualifier type: ", ReferenceTypeName(key)),
                           frame.arena);
      }
      if (key.is_error()) return frame.Charge(1, key);
    }
    const Found found = Select(value, key, test, frame.arena);
    // What an optional selection does not find costs nothing.
    const bool free = !found.present && optional;
    if (const Value charged = frame.Charge(free ? 0 : 1, Value()); charged.is_error()) {
      return charged;
    }
    if (found.present && found.value.is_error()) return found.value;
    if (is_test_ && (last || !found.present)) return Value::Bool(found.present);
    if (!found.present) return Value::None();
    value = found.value;
  }
  return optional ? Value::Some(value, frame.arena) : value;
}

Value AttributeStep::Resolve(Frame& frame) const {
  const Value value = BaseValue(frame);
  if (value.is_error()) return value;
  return ApplyQualifiers(value, frame);
}

Value AttributeStep::Evaluate(Frame& frame) const {
  const Value value = Resolve(frame);
  if (value.is_abort()) return value;
  // Testing for presence costs no more than the selections; a choice is paid for by its parts.
  const bool free = is_test_ || (base_ == Base::kOperand && operand_->is_conditional());
  return frame.Charge(free ? 0 : 1, value);
}

}  // namespace sluice::cel
