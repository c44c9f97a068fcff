// What strategic merge needs to know of the API types: which fields are lists that merge by key.
//
// The built-in types are those of Kubernetes 1.21.2, the schema that kustomize 5.8 carries; its
// essence stands in merge_schema_table.inc, made by tools/kustomize-schema/generate.py, so nothing
// is parsed at run time. A kustomization's `openapi.path` brings types of its own.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/resource_id.h"
#include "common/value/value.h"

namespace sluice::kustomize {

enum class Scope : uint8_t { kUnknown, kNamespaced, kCluster };

// Of a built-in kind.
Scope BuiltinScope(const Gvk& gvk);

// What is known of one field or list element; a small handle. "Unknown" differs from "known, and
// nothing special": below an unknown field, an object with apiVersion and kind is looked up anew.
class FieldType {
 public:
  FieldType() = default;

  bool known() const { return kind_ != Kind::kUnknown; }
  // Lists: whether elements merge by key, and the keys; no key for lists of scalars.
  bool merges() const;
  std::vector<absl::string_view> merge_keys() const;
  // The type of the member `name`.
  FieldType Field(absl::string_view name) const;
  // The type of a list's elements.
  FieldType Elements() const;

 private:
  friend class MergeSchema;
  friend FieldType BuiltinType(const Gvk& gvk);
  enum class Kind : uint8_t { kUnknown, kPlain, kBuiltin, kBuiltinField, kCustom };

  static FieldType Builtin(uint16_t type);
  static FieldType BuiltinField(uint16_t field);
  static FieldType Custom(const MergeSchema* schema, const Value* definition);

  Kind kind_ = Kind::kUnknown;
  uint16_t index_ = 0;  // of a type or field of the table
  const MergeSchema* schema_ = nullptr;
  const Value* definition_ = nullptr;
};

// The built-in type of `gvk`, unknown if it is none.
FieldType BuiltinType(const Gvk& gvk);

// An OpenAPI v2 document that a kustomization brought along.
class MergeSchema {
 public:
  // `text` is JSON or YAML. kInvalidArgument ("invalid schema file: ...") if it is neither.
  static absl::StatusOr<std::unique_ptr<MergeSchema>> Parse(absl::string_view text);

  // The type that `definition`, a part of a schema from elsewhere, describes; references in it are
  // to this document. Both must outlive the result.
  FieldType TypeFrom(const Value& definition) const;

  // From its paths; kUnknown if none serves `gvk`.
  Scope ScopeOf(const Gvk& gvk) const;
  // Unknown if no definition is marked with `gvk`.
  FieldType TypeOf(const Gvk& gvk) const;

 private:
  friend class FieldType;
  MergeSchema() = default;
  // `schema`, or what its $ref names; null if that is missing.
  const Value* Resolve(const Value* schema) const;

  Value document_;
  absl::flat_hash_map<std::string, const Value*> types_;  // by "apiVersion kind"
  absl::flat_hash_map<std::string, Scope> scopes_;
};

}  // namespace sluice::kustomize
