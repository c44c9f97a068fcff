// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/drift.h"

namespace sluice::ssa {
namespace {

bool IsNothing(const Value& value) {
  return value.is_null() || ((value.is_array() || value.is_object()) && value.empty());
}

bool Same(const Value& a, const Value& b) {
  if (IsNothing(a) && IsNothing(b)) return true;
  if (a.kind() != b.kind()) return false;
  if (a.is_array()) {
    if (a.size() != b.size()) return false;
    for (size_t i = 0; i < a.size(); ++i) {
      if (!Same(a.at(i), b.at(i))) return false;
    }
    return true;
  }
  if (a.is_object()) {
    for (const value::Member& member : a.members()) {
      if (!Same(member.value, b[member.key])) return false;
    }
    for (const value::Member& member : b.members()) {
      if (!a.Has(member.key) && !IsNothing(member.value)) return false;
    }
    return true;
  }
  return a == b;
}

}  // namespace

bool HasDrifted(const Value& live, const Value& dry_run) {
  for (const char* field : {"labels", "annotations"}) {
    if (!Same(live["metadata"][field], dry_run["metadata"][field])) return true;
  }
  const auto differs = [](const Value& a, const Value& b) {
    for (const value::Member& member : a.members()) {
      if (member.key == "metadata" || member.key == "status") continue;
      if (!Same(member.value, b[member.key])) return true;
    }
    return false;
  };
  return differs(live, dry_run) || differs(dry_run, live);
}

}  // namespace sluice::ssa
