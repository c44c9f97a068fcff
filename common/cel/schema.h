// What a structural schema says of the values that a rule sees: their types in CEL, which fields
// there are, and how large they can become (Kubernetes 1.34, apiserver/pkg/cel).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::cel {

struct Type;
struct Schema;
using SchemaPtr = std::shared_ptr<const Schema>;

struct SchemaField {
  std::string key;   // in the document
  std::string name;  // in an expression: EscapeName(key); "" if it cannot be named
  SchemaPtr schema;
  bool required = false;
  bool has_default = false;
};

// Immutable. One node of a schema.
struct Schema {
  enum class Kind : uint8_t {
    kObject,  // fields, possibly none
    kMap,     // additionalProperties is a schema: `items`
    kList,
    kString,
    kBytes,      // format byte
    kDuration,   // format duration
    kDate,       // format date
    kTimestamp,  // format date-time
    kInt,
    kDouble,
    kBool,
    kIntOrString,  // x-kubernetes-int-or-string
    kUntyped,      // no type: values are preserved, and can only be compared
  };
  enum class ListType : uint8_t { kAtomic, kSet, kMap };

  Kind kind = Kind::kUntyped;
  bool nullable = false;
  // Whether expressions see values of it; a field whose schema is not exposed does not exist for
  // them.
  bool exposed = false;
  std::vector<SchemaField> fields;  // by key
  SchemaPtr items;                  // of lists and maps; null if none is given
  ListType list_type = ListType::kAtomic;
  std::vector<std::string> list_keys;

  // The type that the checker works with; null if not exposed.
  std::shared_ptr<const Type> type;

  const SchemaField* FindKey(absl::string_view key) const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  const SchemaField* FindName(absl::string_view name) const ABSL_ATTRIBUTE_LIFETIME_BOUND;
};

// The schema of an openAPIV3Schema node (as in a CustomResourceDefinition). At the root of a
// resource
// (`resource_root`), and below x-kubernetes-embedded-resource, apiVersion, kind and the names in
// metadata are there whatever the node says of them.
SchemaPtr SchemaFromOpenApi(const value::Value& node, bool resource_root);

// A property's name as an expression writes it: "__" before and after reserved words; "__dot__",
// "__dash__", "__slash__", "__underscores__" for what identifiers cannot hold or that would be
// ambiguous. "" if there is no such form.
std::string EscapeName(absl::string_view key);

}  // namespace sluice::cel
