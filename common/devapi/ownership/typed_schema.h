// How server-side apply reads a schema (kube-openapi schemaconv, structured-merge-diff v6): what a
// value of it may be, and the schemas of what is below. Where a schema says nothing, maps are owned
// key by key and lists as a whole.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

// What a value of the schema may be.
struct Shapes {
  bool scalar = false;
  bool list = false;
  bool map = false;

  friend bool operator==(const Shapes& a, const Shapes& b) = default;
};
Shapes ShapesOf(const Schema& schema);
// The shapes that remain for `value`: one if the schema allows it, else all of them (an error then
// shows up later). null leaves them open.
Shapes ShapesFor(const Schema& schema, const Value& value);

// Whether a map or a list is owned as a whole.
bool IsAtomicMap(const Schema& schema);
bool IsAtomicList(const Schema& schema);

// The schema of a field of a map, nullptr if there may be none of that name.
const Schema* FieldSchema(const Schema& schema, absl::string_view name);
// Whether the schema names the field, as opposed to it being a key of a map.
bool IsDeclaredField(const Schema& schema, absl::string_view name);
// The schema of a list's elements.
const Schema* ItemSchema(const Schema& schema);

// The schema of things without one: maps key by key, lists as a whole.
const Schema& DeducedSchema();

}  // namespace sluice::devapi
