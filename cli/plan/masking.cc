// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/masking.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace sluice::plan {
namespace {

constexpr char kMask[] = "***";

Value Masked(const Value& value, const Masking& masking) {
  if (value.is_string()) return masking.Mask(value.str());
  Value copy = value;
  if (copy.is_array()) {
    for (Value& item : copy.mutable_items()) item = Masked(item, masking);
  } else if (copy.is_object()) {
    for (value::Member& member : copy.mutable_members()) {
      member.value = Masked(member.value, masking);
    }
  }
  return copy;
}

// A value as a mark that tells before from after, and absent from present.
Value Mark(const Value& value, const char* when) {
  if (value.is_null()) return value;
  if (value.is_object()) {
    Value copy = value;
    for (value::Member& member : copy.mutable_members()) member.value = Mark(member.value, when);
    return copy;
  }
  return absl::StrCat(kMask, " (", when, ")");
}

}  // namespace

Masking::Masking(const std::vector<const ClusterPlan*>& plans) {
  for (const ClusterPlan* plan : plans) {
    for (const auto& place : plan->OfKind("", "Secret")) {
      if (place.unit->secret) secrets_.AddSecret(place.object->Parse());
    }
  }
}

bool HoldsSecretData(absl::string_view path) {
  return absl::StartsWith(path, "data") || absl::StartsWith(path, "stringData") ||
         absl::StrContains(path, "kubectl.kubernetes.io/last-applied-configuration") ||
         path == "metadata.annotations" || path == "metadata";
}

std::string Masking::Mask(absl::string_view text) const { return secrets_.Masked(text); }

std::vector<FieldChange> Masking::Mask(const PlannedObject& object,
                                       std::vector<FieldChange> changes) const {
  for (FieldChange& change : changes) {
    const bool data = object.is_secret() && HoldsSecretData(change.path);
    change.before = data ? Mark(change.before, "before") : Masked(change.before, *this);
    change.after = data ? Mark(change.after, "after") : Masked(change.after, *this);
  }
  return changes;
}

}  // namespace sluice::plan
