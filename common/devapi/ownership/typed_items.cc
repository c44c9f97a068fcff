// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/ownership/typed_items.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/devapi/ownership/typed_schema.h"

namespace sluice::devapi {
namespace {

absl::StatusOr<PathElement> ElementByKeys(const Schema& list, const Value& item) {
  if (item.is_null()) {
    return absl::InvalidArgumentError("associative list with keys may not have a null element");
  }
  if (!item.is_object()) {
    return absl::InvalidArgumentError("associative list with keys may not have non-map elements");
  }
  std::vector<PathElement::KeyField> fields;
  for (const std::string& name : *list.list_keys) {
    if (const Value* value = item.Find(name); value != nullptr) {
      fields.push_back({name, *value});
      continue;
    }
    const Property* const property = list.items == nullptr ? nullptr : list.items->Find(name);
    if (property != nullptr && property->schema->has_default) {
      fields.push_back({name, property->schema->default_value});
    }
  }
  if (fields.empty()) {
    std::vector<std::string> names;
    for (const std::string& name : *list.list_keys) names.push_back(absl::StrCat("\"", name, "\""));
    return absl::InvalidArgumentError(absl::StrCat(
        "associative list with keys has an element that omits all key fields [",
        absl::StrJoin(names, " "), "] (and doesn't have default values for any key fields)"));
  }
  return PathElement::Key(std::move(fields));
}

}  // namespace

absl::StatusOr<PathElement> ElementOf(const Schema& list, const Value& item) {
  if (list.list_type == ListType::kMap) return ElementByKeys(list, item);
  if (list.list_type != ListType::kSet) {
    return absl::InvalidArgumentError("invalid indexing of non-associative list");
  }
  if (item.is_object()) {
    return absl::InvalidArgumentError(
        "associative list without keys has an element that's a map type");
  }
  if (item.is_array()) {
    return absl::InvalidArgumentError("not supported: associative list with lists as elements");
  }
  if (item.is_null()) {
    return absl::InvalidArgumentError(
        "associative list without keys has an element that's an explicit null");
  }
  return PathElement::Item(item);
}

void TypedErrors::Add(const Path& path, const std::string& message) {
  const std::string prefix = ToString(path);
  texts_.push_back(prefix.empty() ? message : absl::StrCat(prefix, ": ", message));
}

absl::Status TypedErrors::status() const {
  if (texts_.empty()) return absl::OkStatus();
  if (texts_.size() == 1) return absl::InvalidArgumentError(texts_.front());
  return absl::InvalidArgumentError(absl::StrCat("errors:\n  ", absl::StrJoin(texts_, "\n  ")));
}

}  // namespace sluice::devapi
