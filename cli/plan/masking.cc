// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/masking.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"

namespace sluice::plan {
namespace {

constexpr char kMask[] = "***";
// Shorter ones stand in other texts by chance.
constexpr size_t kShortest = 6;

Value Masked(const Value& value, const Masking& masking) {
  if (value.is_string()) return masking.Mask(std::string(value.str()));
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
      if (!place.unit->secret) continue;
      const Value object = place.object->Parse();
      for (const char* field : {"data", "stringData"}) {
        for (const value::Member& entry : object[field].members()) {
          std::string text(entry.value.str());
          if (field == std::string("data") && !absl::Base64Unescape(entry.value.str(), &text))
            continue;
          if (text.size() >= kShortest) values_.push_back(std::move(text));
        }
      }
    }
  }
  std::sort(values_.begin(), values_.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
}

bool HoldsSecretData(absl::string_view path) {
  return absl::StartsWith(path, "data") || absl::StartsWith(path, "stringData") ||
         absl::StrContains(path, "kubectl.kubernetes.io/last-applied-configuration") ||
         path == "metadata.annotations" || path == "metadata";
}

std::string Masking::Mask(std::string text) const {
  for (const std::string& value : values_) absl::StrReplaceAll({{value, kMask}}, &text);
  return text;
}

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
