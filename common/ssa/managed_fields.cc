// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/managed_fields.h"

#include <algorithm>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace sluice::ssa {
namespace {

constexpr absl::string_view kLeftoverAnnotations[] = {
    "kubectl.kubernetes.io/last-applied-configuration", "kustomize.toolkit.fluxcd.io/checksum",
    "fluxcd.io/sync-checksum"};
constexpr absl::string_view kLeftoverLabels[] = {"fluxcd.io/sync-gc-mark"};

std::string PointerToken(absl::string_view key) {
  return absl::StrReplaceAll(key, {{"~", "~0"}, {"/", "~1"}});
}

// fieldsV1 are trees of objects whose leaves are empty objects.
Value Union(Value a, const Value& b) {
  for (const value::Member& member : b.members()) {
    const Value* existing = a.Find(member.key);
    a.Set(member.key, existing != nullptr ? Union(*existing, member.value) : member.value);
  }
  return a;
}

bool IsFolded(const Value& entry, absl::string_view own_manager,
              std::span<const std::string> overridden) {
  if (!entry["subresource"].str().empty()) return false;
  const absl::string_view manager = entry["manager"].str();
  const bool update = entry["operation"].str() == "Update";
  if (absl::StartsWith(manager, "kubectl")) return true;
  if (update &&
      (absl::StartsWith(manager, "before-first-apply") || absl::StartsWith(manager, own_manager))) {
    return true;
  }
  return std::any_of(overridden.begin(), overridden.end(),
                     [&](const std::string& name) { return absl::StartsWith(manager, name); });
}

void RemoveLeftovers(const Value& metadata, absl::string_view field,
                     std::span<const absl::string_view> keys, Value& patch) {
  for (absl::string_view key : keys) {
    if (!metadata[field].Has(key)) continue;
    patch.Append(Value{{"op", "remove"},
                       {"path", absl::StrCat("/metadata/", field, "/", PointerToken(key))}});
  }
}

// The managedFields with everything folded, or nullopt if nothing is to be folded.
std::optional<Value> Folded(const Value& entries, absl::string_view own_manager,
                            std::span<const std::string> overridden) {
  const auto is_own = [&](const Value& entry) {
    return entry["manager"].str() == own_manager && entry["operation"].str() == "Apply" &&
           entry["subresource"].str().empty();
  };
  Value own;  // the entry that takes everything
  for (const Value& entry : entries.items()) {
    if (is_own(entry)) own = entry;
  }
  bool any = false;
  Value kept = Value::EmptyArray();
  for (const Value& entry : entries.items()) {
    if (is_own(entry)) continue;
    if (!IsFolded(entry, own_manager, overridden)) {
      kept.Append(entry);
      continue;
    }
    any = true;
    if (own.is_null()) {
      own = entry;
      own.Set("manager", own_manager);
      own.Set("operation", "Apply");
    } else {
      own.Set("fieldsV1", Union(own["fieldsV1"], entry["fieldsV1"]));
    }
  }
  if (!any) return std::nullopt;
  kept.Append(std::move(own));
  return kept;
}

}  // namespace

Value CleanupPatch(const Value& live, absl::string_view own_manager,
                   std::span<const std::string> overridden) {
  const Value& metadata = live["metadata"];
  Value patch = Value::EmptyArray();
  RemoveLeftovers(metadata, "annotations", kLeftoverAnnotations, patch);
  RemoveLeftovers(metadata, "labels", kLeftoverLabels, patch);
  if (auto folded = Folded(metadata["managedFields"], own_manager, overridden)) {
    patch.Append(Value{{"op", "replace"}, {"path", "/metadata/managedFields"}, {"value", *folded}});
  }
  if (patch.empty()) return Value();
  // Whoever changed the object since we read it is asked again at the next run.
  Value guarded = Value::EmptyArray();
  guarded.Append(Value{{"op", "replace"},
                       {"path", "/metadata/resourceVersion"},
                       {"value", metadata["resourceVersion"]}});
  for (const Value& operation : patch.items()) guarded.Append(operation);
  return guarded;
}

}  // namespace sluice::ssa
