// SPDX-License-Identifier: Apache-2.0
#include "common/value/merge_patch.h"

#include <algorithm>
#include <utility>

namespace sluice::value {
namespace {

// `value` without the members that are null, at any depth; nulls in lists stay.
Value WithoutNulls(const Value& value) {
  if (value.is_object()) {
    Value::Object kept;
    kept.reserve(value.size());
    for (const Member& member : value.members()) {
      if (!member.value.is_null()) kept.push_back({member.key, WithoutNulls(member.value)});
    }
    return Value::FromMembers(std::move(kept));
  }
  if (value.is_array()) {
    Value::Array items;
    items.reserve(value.size());
    for (const Value& item : value.items()) items.push_back(WithoutNulls(item));
    return Value(std::move(items));
  }
  return value;
}

void MergeInto(Value& document, const Value& patch) {
  for (const Member& member : patch.members()) {
    if (member.value.is_null()) {
      document.Erase(member.key);
      continue;
    }
    Value* const current = document.FindMutable(member.key);
    if (current == nullptr) {
      document.Set(member.key, WithoutNulls(member.value));
    } else if (!current->is_object()) {
      *current = WithoutNulls(member.value);
    } else if (member.value.is_object()) {
      MergeInto(*current, member.value);
    } else {
      *current = member.value;
    }
  }
}

bool IsSame(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number() && a.kind() != b.kind()) {
    return a.double_or(0) == b.double_or(0);
  }
  if (a.is_array() && b.is_array()) {
    return std::equal(a.items().begin(), a.items().end(), b.items().begin(), b.items().end(),
                      IsSame);
  }
  if (a.is_object() && b.is_object()) {
    return std::equal(a.members().begin(), a.members().end(), b.members().begin(),
                      b.members().end(), [](const Member& x, const Member& y) {
                        return x.key == y.key && IsSame(x.value, y.value);
                      });
  }
  return a == b;
}

}  // namespace

Value ApplyMergePatch(const Value& document, const Value& patch) {
  if (!document.is_object() || !patch.is_object()) return WithoutNulls(patch);
  Value result = document;
  MergeInto(result, patch);
  return result;
}

Value CreateMergePatch(const Value& original, const Value& modified) {
  if (!original.is_object() || !modified.is_object()) return modified;
  Value patch = Value::EmptyObject();
  for (const Member& member : modified.members()) {
    const Value* const before = original.Find(member.key);
    if (before == nullptr) {
      patch.Set(member.key, member.value);
    } else if (before->is_object() && member.value.is_object()) {
      Value inner = CreateMergePatch(*before, member.value);
      if (!inner.empty()) patch.Set(member.key, std::move(inner));
    } else if (!IsSame(*before, member.value)) {
      patch.Set(member.key, member.value);
    }
  }
  for (const Member& member : original.members()) {
    if (!modified.Has(member.key)) patch.Set(member.key, Value());
  }
  return patch;
}

}  // namespace sluice::value
