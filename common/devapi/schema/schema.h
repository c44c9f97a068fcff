// Schemas of Kubernetes objects, compiled from OpenAPI v3: the structural schema of a
// CustomResourceDefinition's version, or the definitions of the built-in kinds.
//
// A Schema is a tree of plain, immutable nodes (a graph for the one recursive built-in type). The
// operations on objects stand beside it: prune.h, validate.h, strategic_merge.h, go_codec.h
// (built-in kinds), and ownership/typed_value.h (server-side apply).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cel/rule.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct Schema;

// How Go's encoding/json treats a field of a built-in type: the API server stores what Go would
// write, so empty values appear and vanish by these rules.
enum class GoField : uint8_t {
  kNone,              // not a built-in type
  kPointer,           // absent or null: left out
  kPointerOrNull,     // absent: written as null
  kOmitEmpty,         // a scalar, list or map, left out when it is its zero value or empty
  kZero,              // a scalar, written as its zero value when absent
  kListOrNull,        // a list or map, written as null when absent
  kStruct,            // an object that is always written
  kMarshaler,         // a time, quantity or the like, written as its zero value when absent
  kOmitZeroMarshaler  // ... left out when it is zero
};

// A pattern in RE2 syntax (Go's), compiled on first use. Thread-safe.
class Pattern {
 public:
  explicit Pattern(std::string text);
  ~Pattern();
  // Whether `text` contains a match; a pattern that does not compile matches everything.
  bool Matches(absl::string_view text) const;
  const std::string& text() const { return text_; }

 private:
  struct Compiled;
  std::string text_;
  std::unique_ptr<Compiled> compiled_;
};

// Why `text` is no pattern, in the words of Go's regexp; "" if it is one.
std::string PatternFault(const std::string& text);

// One x-kubernetes-validations entry, as text.
struct ValidationRule {
  std::string rule;
  std::string message;             // "" if there is none
  std::string message_expression;  // "" if there is none
  std::string reason;              // "FieldValueInvalid" if none is given
  std::string field_path;          // ".a.b", "" if none is given
  bool optional_old_self = false;
  // Ready to be checked; null for a rule that no longer compiles, which then holds.
  std::shared_ptr<const cel::Rule> compiled;
};

// The keywords that restrict a value of the right type.
struct ValueChecks {
  std::vector<Value> allowed;  // enum; empty if there is none
  std::string format;
  std::shared_ptr<const Pattern> pattern;
  std::optional<double> minimum, maximum, multiple_of;
  bool exclusive_minimum = false;
  bool exclusive_maximum = false;
  std::optional<int64_t> min_length, max_length;
  std::optional<int64_t> min_items, max_items;
  std::optional<int64_t> min_properties, max_properties;
  bool unique_items = false;
  std::vector<const Schema*> all_of, any_of, one_of;
  const Schema* negated = nullptr;  // "not"
  std::vector<ValidationRule> rules;
};

struct Property {
  std::string name;
  const Schema* schema = nullptr;
  GoField go = GoField::kNone;
  std::string go_type;  // the Go type's name, for messages; "" if it follows from the schema
};

struct Properties {
  std::vector<Property> all;          // sorted by name
  std::vector<std::string> required;  // as written

  const Property* Find(absl::string_view name) const ABSL_ATTRIBUTE_LIFETIME_BOUND;
};

enum class SchemaType : uint8_t { kAny, kObject, kArray, kString, kInteger, kNumber, kBoolean };
// "object", ...; "" for kAny.
absl::string_view TypeNameOf(SchemaType type);
enum class ListType : uint8_t { kAtomic, kSet, kMap };

struct Schema {
  SchemaType type = SchemaType::kAny;
  ListType list_type = ListType::kAtomic;
  bool list_type_given = false;  // x-kubernetes-list-type stands in the schema
  bool atomic_map = false;       // x-kubernetes-map-type: atomic
  bool nullable = false;
  bool int_or_string = false;
  bool embedded_resource = false;
  // x-kubernetes-preserve-unknown-fields: members without a property are kept.
  bool preserve_unknown = false;
  // Members without a property are owned by their own shape in server-side apply; set also below a
  // schema that preserves unknown fields, and for objects without properties.
  bool open = false;
  // Quantities and raw extensions of built-in types, which server-side apply treats as one value.
  bool opaque = false;
  // A node that is only a definition's reference or its copy has the definition's name here:
  // "io.k8s.api.apps.v1.DeploymentSpec". Empty elsewhere.
  absl::string_view definition;

  const Properties* properties = nullptr;  // null if none are declared
  const Schema* additional = nullptr;      // additionalProperties, if it is a schema
  bool additional_any = false;             // additionalProperties: true
  const Schema* items = nullptr;
  const std::vector<std::string>* list_keys = nullptr;  // of a ListType::kMap
  const ValueChecks* checks = nullptr;                  // null if there are none

  // Strategic merge patch: x-kubernetes-patch-strategy and -merge-key.
  bool patch_merge = false;
  bool patch_retain_keys = false;
  bool patch_replace = false;
  absl::string_view patch_merge_key;  // "" if there is none

  bool has_default = false;
  Value default_value;

  // The property `name`, or nullptr.
  const Property* Find(absl::string_view name) const ABSL_ATTRIBUTE_LIFETIME_BOUND {
    return properties == nullptr ? nullptr : properties->Find(name);
  }
  // The schema of the member `name`: its property's, else additionalProperties; else nullptr.
  const Schema* Member(absl::string_view name) const ABSL_ATTRIBUTE_LIFETIME_BOUND {
    const Property* property = Find(name);
    return property != nullptr ? property->schema : additional;
  }
};

// Compiles schemas and owns the nodes; nodes stay valid as long as it lives. Not thread-safe while
// compiling.
class SchemaCompiler {
 public:
  // The text of a definition that a $ref names; null Value if there is none.
  using Definitions = std::function<Value(absl::string_view name)>;

  explicit SchemaCompiler(Definitions definitions = nullptr);
  ~SchemaCompiler();
  SchemaCompiler(const SchemaCompiler&) = delete;
  SchemaCompiler& operator=(const SchemaCompiler&) = delete;

  // kInvalidArgument with the path of the fault. `is_resource`: it describes whole objects, whose
  // rules know of apiVersion, kind and the names in metadata.
  absl::StatusOr<const Schema*> Compile(const Value& open_api,
                                        bool is_resource = false) ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // The definition `name`, compiled once. kNotFound if there is none.
  absl::StatusOr<const Schema*> Definition(absl::string_view name) ABSL_ATTRIBUTE_LIFETIME_BOUND;

  // A node of the caller's making, kept with the others.
  Schema& NewSchema() ABSL_ATTRIBUTE_LIFETIME_BOUND;
  Properties& NewProperties() ABSL_ATTRIBUTE_LIFETIME_BOUND;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The schema of one version of a custom resource. `root` describes whole objects: apiVersion, kind
// and metadata (`object_meta`) are among its properties, whatever the CRD says of them.
struct CustomSchema {
  std::unique_ptr<SchemaCompiler> compiler;
  const Schema* root = nullptr;
  // What the CRD itself says of metadata (it may restrict name and generateName), or null.
  const Schema* metadata_checks = nullptr;
  bool has_rules = false;  // some node has x-kubernetes-validations
};

// Compiles the openAPIV3Schema of a CustomResourceDefinition's version. `object_meta` is
// BuiltinKinds::object_meta() and must outlive the result.
absl::StatusOr<std::shared_ptr<const CustomSchema>> CompileCustomSchema(const Value& open_api,
                                                                        const Schema& object_meta);

}  // namespace sluice::devapi
