// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/ownership/typed_schema.h"

namespace sluice::devapi {
namespace {

// Anything, owned as a whole.
const Schema& AtomicSchema() {
  static const Schema* const kSchema = [] {
    auto* schema = new Schema;
    schema->type = SchemaType::kObject;
    schema->opaque = true;
    schema->atomic_map = true;
    return schema;
  }();
  return *kSchema;
}

}  // namespace

const Schema& DeducedSchema() {
  static const Schema* const kSchema = [] {
    auto* schema = new Schema;
    schema->open = true;
    return schema;
  }();
  return *kSchema;
}

Shapes ShapesOf(const Schema& schema) {
  // A quantity is a scalar, an opaque object may be anything.
  if (schema.opaque) {
    return schema.type == SchemaType::kObject ? Shapes{true, true, true}
                                              : Shapes{true, false, false};
  }
  switch (schema.type) {
    case SchemaType::kAny:
      return {true, true, true};
    case SchemaType::kObject:
      return {false, false, true};
    case SchemaType::kArray:
      return {false, true, false};
    default:
      return {true, false, false};
  }
}

Shapes ShapesFor(const Schema& schema, const Value& value) {
  const Shapes all = ShapesOf(schema);
  if (value.is_object()) return all.map ? Shapes{false, false, true} : all;
  if (value.is_array()) return all.list ? Shapes{false, true, false} : all;
  if (value.is_null()) return all;
  return all.scalar ? Shapes{true, false, false} : all;
}

bool IsAtomicMap(const Schema& schema) { return schema.atomic_map || schema.opaque; }

bool IsAtomicList(const Schema& schema) { return schema.list_type == ListType::kAtomic; }

const Schema* FieldSchema(const Schema& schema, absl::string_view name) {
  if (const Property* property = schema.Find(name); property != nullptr) return property->schema;
  if (schema.additional != nullptr) return schema.additional;
  if (schema.opaque) return &AtomicSchema();
  return schema.open ? &DeducedSchema() : nullptr;
}

bool IsDeclaredField(const Schema& schema, absl::string_view name) {
  return schema.Find(name) != nullptr;
}

const Schema* ItemSchema(const Schema& schema) {
  return schema.items != nullptr ? schema.items : &AtomicSchema();
}

}  // namespace sluice::devapi
