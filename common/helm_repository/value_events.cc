// SPDX-License-Identifier: Apache-2.0
#include "common/helm_repository/value_events.h"

#include "absl/strings/str_cat.h"
#include "common/value/yaml_scalar.h"

namespace sluice::helm_repository {

bool ValueEvents::Next(IndexEvent& event) {
  if (!started_) {
    started_ = true;
    Emit(root_, event);
    return true;
  }
  if (open_.empty()) {
    event.kind = IndexEvent::Kind::kEnd;
    return true;
  }
  Open& top = open_.back();
  if (top.next == top.collection->size()) {
    event.kind = top.collection->is_object() ? IndexEvent::Kind::kMapEnd
                                             : IndexEvent::Kind::kListEnd;
    open_.pop_back();
    return true;
  }
  if (top.collection->is_array()) {
    Emit(top.collection->items()[top.next++], event);
    return true;
  }
  const value::Member& member = top.collection->members()[top.next];
  top.at_key = !top.at_key;
  if (!top.at_key) {
    event.kind = IndexEvent::Kind::kScalar;
    event.type = IndexEvent::Type::kString;
    event.text = member.key;
  } else {
    ++top.next;
    Emit(member.value, event);
  }
  return true;
}

void ValueEvents::Emit(const Value& value, IndexEvent& event) {
  event.kind = IndexEvent::Kind::kScalar;
  switch (value.kind()) {
    case Value::Kind::kNull:
      event.type = IndexEvent::Type::kNull;
      return;
    case Value::Kind::kBool:
      event.type = IndexEvent::Type::kBool;
      event.text = value.bool_or(false) ? "true" : "false";
      return;
    case Value::Kind::kInt:
    case Value::Kind::kUint:
      event.type = IndexEvent::Type::kNumber;
      event.number = value;
      event.text = kept_.emplace_back(value.kind() == Value::Kind::kInt
                                          ? absl::StrCat(value.int_or(0))
                                          : absl::StrCat(value.uint_or(0)));
      return;
    case Value::Kind::kDouble:
      event.type = IndexEvent::Type::kNumber;
      event.number = value;
      event.text = kept_.emplace_back(value::FormatYamlFloat(value.double_or(0)));
      return;
    case Value::Kind::kString:
      event.type = IndexEvent::Type::kString;
      event.text = value.str();
      return;
    case Value::Kind::kArray:
    case Value::Kind::kObject:
      event.kind =
          value.is_object() ? IndexEvent::Kind::kMapStart : IndexEvent::Kind::kListStart;
      open_.push_back({&value, 0, true});
      return;
  }
}

}  // namespace sluice::helm_repository
