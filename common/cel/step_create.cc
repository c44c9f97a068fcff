// SPDX-License-Identifier: Apache-2.0
#include "common/cel/step_create.h"

#include "absl/strings/str_cat.h"
#include "common/cel/cost.h"
#include "common/cel/print.h"

namespace sluice::cel {
namespace {

// What could not be made costs as much as if it had been.
Value Fail(const Value& error, uint64_t cost, Frame& frame) {
  return error.is_abort() ? error : frame.Charge(cost, error);
}

}  // namespace

Value ListStep::Evaluate(Frame& frame) const {
  Value* const items = frame.arena.AllocateArray<Value>(elements_.size());
  size_t count = 0;
  for (size_t i = 0; i < elements_.size(); ++i) {
    const Value value = elements_[i]->Evaluate(frame);
    if (value.is_error()) return Fail(value, kListCost, frame);
    if (!optional_[i]) {
      items[count++] = value;
    } else if (value.kind() != Kind::kOptional) {
      return Value::Error(
          absl::StrCat("cannot initialize optional list element from non-optional value ",
                       Print(value)),
          frame.arena);
    } else if (value.optional() != nullptr) {
      items[count++] = *value.optional();
    }
  }
  return frame.Charge(kListCost, MakeList(items, count, frame.arena));
}

Value MapStep::Evaluate(Frame& frame) const {
  MapData* const map = NewMap(optional_.size(), frame.arena);
  for (size_t i = 0; i < optional_.size(); ++i) {
    const Value key = parts_[2 * i]->Evaluate(frame);
    if (key.is_error()) return Fail(key, kMapCost, frame);
    Value value = parts_[2 * i + 1]->Evaluate(frame);
    if (value.is_error()) return Fail(value, kMapCost, frame);
    if (optional_[i]) {
      if (value.kind() != Kind::kOptional) {
        return Value::Error(absl::StrCat("cannot initialize optional entry '", Print(key),
                                         "' from non-optional value ", Print(value)),
                            frame.arena);
      }
      if (value.optional() == nullptr) continue;
      value = *value.optional();
    }
    Insert(*map, key, value, frame.arena);
  }
  return frame.Charge(kMapCost, Value::Map(map));
}

}  // namespace sluice::cel
