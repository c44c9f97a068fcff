// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/managed_fields.h"

#include <algorithm>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/value/json.h"

namespace sluice::devapi {

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

bool DiffersBeyondTimes(const Value& old, const Value& object) {
  const auto comparable = [](Value value) {
    Value* const metadata = value.FindMutable("metadata");
    if (metadata == nullptr) return value;
    metadata->Erase("resourceVersion");
    Value* const entries = metadata->FindMutable("managedFields");
    if (entries == nullptr || !entries->is_array()) return value;
    for (Value& entry : entries->mutable_items()) entry.Erase("time");
    // Without times the order is another.
    std::stable_sort(entries->mutable_items().begin(), entries->mutable_items().end(),
                     [](const Value& a, const Value& b) { return CompareValues(a, b) < 0; });
    return value;
  };
  return comparable(old) != comparable(object);
}

}  // namespace sluice::devapi
