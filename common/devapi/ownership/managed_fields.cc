// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/ownership/managed_fields.h"

#include <algorithm>

#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr char kAncientChanges[] = "ancient-changes";
constexpr size_t kMaxUpdateManagers = 10;

}  // namespace

Path FieldPathOf(const std::vector<std::string>& names) {
  Path path;
  for (const std::string& name : names) path.push_back(PathElement::Field(name));
  return path;
}

std::string ManagerId::ToString() const {
  std::string text = absl::StrCat("{\"manager\":", value::FormatJson(Value(manager)),
                                  ",\"operation\":\"", applies ? "Apply" : "Update", "\"");
  if (!api_version.empty()) {
    absl::StrAppend(&text, ",\"apiVersion\":", value::FormatJson(Value(api_version)));
  }
  if (!subresource.empty()) {
    absl::StrAppend(&text, ",\"subresource\":", value::FormatJson(Value(subresource)));
  }
  return text + "}";
}

std::string ManagerId::Printed() const {
  std::string text = value::FormatJson(Value(manager), {.escape_html = false});
  if (!subresource.empty()) {
    absl::StrAppend(&text, " with subresource ", value::FormatJson(Value(subresource)));
  }
  if (!applies) absl::StrAppend(&text, " using ", api_version);
  return text;
}

absl::StatusOr<ManagedFields> DecodeManagedFields(const Value& entries) {
  ManagedFields managed;
  for (size_t i = 0; i < entries.size(); ++i) {
    const Value& entry = entries.at(i);
    const absl::string_view operation = entry["operation"].str();
    if (operation != "Apply" && operation != "Update") {
      return absl::InvalidArgumentError("operation must be `Apply` or `Update`");
    }
    if (entry["apiVersion"].str().empty()) {
      return absl::InvalidArgumentError("apiVersion must not be empty");
    }
    if (entry["fieldsType"].str() != "FieldsV1") {
      return absl::InvalidArgumentError(
          entry["fieldsType"].str().empty()
              ? absl::StrCat("missing fieldsType in managed fields entry ", i)
              : absl::StrCat("invalid fieldsType \"", entry["fieldsType"].str(),
                             "\" in managed fields entry ", i));
    }
    ManagerId id;
    id.manager = std::string(entry["manager"].str());
    id.applies = operation == "Apply";
    if (!id.applies) id.api_version = std::string(entry["apiVersion"].str());
    id.subresource = std::string(entry["subresource"].str());
    absl::StatusOr<FieldSet> fields = FieldSet::Decode(entry["fieldsV1"]);
    if (!fields.ok()) return Annotate(fields.status(), "error decoding set");
    managed[id] = {*std::move(fields), std::string(entry["apiVersion"].str()),
                   std::string(entry["time"].str())};
  }
  return managed;
}

Value EncodeManagedFields(const ManagedFields& managed) {
  std::vector<const ManagedFields::value_type*> order;
  for (const auto& entry : managed) order.push_back(&entry);
  const auto key = [](const ManagedFields::value_type* entry) {
    return std::make_tuple(!entry->first.applies, absl::string_view(entry->second.time),
                           absl::string_view(entry->first.manager),
                           absl::string_view(entry->second.api_version),
                           absl::string_view(entry->first.subresource));
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](const auto* a, const auto* b) { return key(a) < key(b); });
  if (order.empty()) return Value();
  Value::Array entries;
  for (const auto* entry : order) {
    Value item = {{"manager", entry->first.manager},
                  {"operation", entry->first.applies ? "Apply" : "Update"},
                  {"apiVersion", entry->second.api_version},
                  {"fieldsType", "FieldsV1"},
                  {"fieldsV1", entry->second.fields.Encode()}};
    if (!entry->second.time.empty()) item.Set("time", entry->second.time);
    if (!entry->first.subresource.empty()) item.Set("subresource", entry->first.subresource);
    entries.push_back(std::move(item));
  }
  return Value(std::move(entries));
}

void SetManagedFields(const ManagedFields& managed, Value& object) {
  Value& metadata = object.Ensure("metadata");
  if (managed.empty()) {
    metadata.Erase("managedFields");
  } else {
    metadata.Set("managedFields", EncodeManagedFields(managed));
  }
}

const FieldSet& ServerFields() {
  static const FieldSet* const kSet = [] {
    auto* set = new FieldSet;
    for (const char* name : {"apiVersion", "kind", "metadata"}) set->Insert(FieldPathOf({name}));
    for (const char* name : {"name", "namespace", "creationTimestamp", "selfLink", "uid",
                             "clusterName", "generation", "managedFields", "resourceVersion"}) {
      set->Insert(FieldPathOf({"metadata", name}));
    }
    return set;
  }();
  return *kSet;
}

void StripServerFields(ManagedFields& managed, const ManagerId& id) {
  const auto it = managed.find(id);
  if (it == managed.end()) return;
  it->second.fields = it->second.fields.Difference(ServerFields());
  if (it->second.fields.empty()) managed.erase(it);
}

void CapUpdates(ManagedFields& managed) {
  std::vector<ManagerId> updates;
  for (const auto& [id, entry] : managed) {
    if (!id.applies) updates.push_back(id);
  }
  if (updates.size() <= kMaxUpdateManagers) return;
  std::stable_sort(updates.begin(), updates.end(), [&](const ManagerId& a, const ManagerId& b) {
    return managed[a].time < managed[b].time;
  });
  std::map<std::string, ManagerId> first_of_version;
  size_t count = updates.size();
  for (const ManagerId& id : updates) {
    if (count <= kMaxUpdateManagers) break;
    const ManagedEntry entry = managed[id];
    const ManagerId bucket = {kAncientChanges, false, entry.api_version, ""};
    const auto [first, is_first] = first_of_version.emplace(entry.api_version, id);
    if (is_first) continue;
    if (managed.find(bucket) == managed.end()) {
      ManagedEntry moved = managed[first->second];
      managed.erase(first->second);
      managed[bucket] = std::move(moved);
    }
    managed[bucket].fields = entry.fields.Union(managed[bucket].fields);
    managed[bucket].time = entry.time;
    managed.erase(id);
    --count;
  }
}

bool ResetsManagedFields(const Value& entries) {
  if (!entries.is_array()) return false;
  return entries.empty() || (entries.size() == 1 && entries.at(0).empty());
}

}  // namespace sluice::devapi
