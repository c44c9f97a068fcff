// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/prune.h"

#include <algorithm>

#include "common/devapi/schema/field_error.h"

namespace sluice::devapi {
namespace {

bool IsTypeMeta(absl::string_view key) {
  return key == "apiVersion" || key == "kind" || key == "metadata";
}

class Pruner {
 public:
  std::vector<std::string> Take() {
    std::sort(unknown_.begin(), unknown_.end());
    return std::move(unknown_);
  }

  // `schema` is null where nothing is known.
  void Prune(const Schema* schema, Value& value, const FieldPath& path, bool is_resource) {
    if (value.is_array()) {
      PruneItems(schema, value, path);
    } else if (value.is_object()) {
      PruneMembers(schema, value, path, is_resource);
    }
  }

 private:
  void PruneItems(const Schema* schema, Value& value, const FieldPath& path) {
    const bool keep = schema != nullptr && schema->preserve_unknown;
    if (keep && schema->items == nullptr) return;
    Value::Array& items = value.mutable_items();
    for (size_t i = 0; i < items.size(); ++i) {
      const FieldPath child = path.Index(i);
      Prune(schema == nullptr ? nullptr : schema->items, items[i], child, false);
    }
  }

  void PruneMembers(const Schema* schema, Value& value, const FieldPath& path, bool is_resource) {
    std::vector<std::string> doomed;
    for (value::Member& member : value.mutable_members()) {
      if (is_resource && IsTypeMeta(member.key)) continue;
      const FieldPath child = path.Child(member.key);
      const Property* const property = schema == nullptr ? nullptr : schema->Find(member.key);
      if (property != nullptr) {
        Prune(property->schema, member.value, child, property->schema->embedded_resource);
      } else if (schema != nullptr && (schema->additional != nullptr || schema->additional_any)) {
        // With `additionalProperties: true` the member stays but nothing is known below it.
        const Schema* const below = schema->additional;
        Prune(below, member.value, child, below != nullptr && below->embedded_resource);
      } else if (schema == nullptr || !schema->preserve_unknown) {
        unknown_.push_back(child.ToString());
        doomed.push_back(member.key);
      }
    }
    for (const std::string& key : doomed) value.Erase(key);
  }

  std::vector<std::string> unknown_;
};

bool IsNullOutOfPlace(const Value& value, const Schema& schema) {
  return value.is_null() && !schema.nullable;
}

void DropNullsBelow(const Schema& schema, Value& value) {
  if (value.is_array()) {
    if (schema.items == nullptr) return;
    for (Value& item : value.mutable_items()) DropNullsBelow(*schema.items, item);
    return;
  }
  if (!value.is_object()) return;
  std::vector<std::string> doomed;
  for (value::Member& member : value.mutable_members()) {
    const Schema* const below = schema.Member(member.key);
    if (below == nullptr || !below->definition.empty()) continue;
    if (IsNullOutOfPlace(member.value, *below) && !below->has_default) {
      doomed.push_back(member.key);
    } else {
      DropNullsBelow(*below, member.value);
    }
  }
  for (const std::string& key : doomed) value.Erase(key);
}

}  // namespace

std::vector<std::string> PruneUnknown(const Schema& root, Value& object) {
  Pruner pruner;
  pruner.Prune(&root, object, FieldPath(), true);
  return pruner.Take();
}

void DropNulls(const Schema& root, Value& object) { DropNullsBelow(root, object); }

void ApplyDefaults(const Schema& root, Value& object) {
  if (object.is_array()) {
    if (root.items == nullptr) return;
    for (Value& item : object.mutable_items()) {
      if (IsNullOutOfPlace(item, *root.items)) item = root.items->default_value;
      ApplyDefaults(*root.items, item);
    }
    return;
  }
  if (!object.is_object()) return;
  if (root.properties != nullptr) {
    for (const Property& property : root.properties->all) {
      const Schema& schema = *property.schema;
      // The defaults of definitions are Go's zero values, which only Go's types have.
      if (!schema.has_default || !schema.definition.empty()) continue;
      const Value* const present = object.Find(property.name);
      if (present == nullptr || IsNullOutOfPlace(*present, schema)) {
        object.Set(property.name, schema.default_value);
      }
    }
  }
  for (value::Member& member : object.mutable_members()) {
    const Property* const property = root.Find(member.key);
    const Schema* const below = property != nullptr ? property->schema : root.additional;
    if (below == nullptr || !below->definition.empty()) continue;
    if (property == nullptr && IsNullOutOfPlace(member.value, *below)) {
      member.value = below->default_value;
    }
    ApplyDefaults(*below, member.value);
  }
}

}  // namespace sluice::devapi
