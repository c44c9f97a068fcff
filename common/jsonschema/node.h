// A schema as it is evaluated. Built by Compiler, read by Evaluation; not for use elsewhere.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "common/jsonschema/formats.h"
#include "common/jsonschema/json_text.h"
#include "common/jsonschema/number.h"
#include "common/text/regexp.h"
#include "common/value/value.h"

namespace sluice::jsonschema {

struct Node;

// The kinds of values that "type" names, as bits in the order in which messages name them.
enum TypeBit : uint8_t {
  kNullType = 1,
  kBooleanType = 2,
  kNumberType = 4,
  kIntegerType = 8,
  kStringType = 16,
  kArrayType = 32,
  kObjectType = 64,
};

// 0 for other names.
uint8_t TypeBitOf(absl::string_view name);
// "null or string"
std::string TypeNames(uint8_t types);

template <typename T>
using ByName = std::vector<std::pair<std::string, T>>;  // in the order of names

struct ObjectRules {
  std::optional<int64_t> min_properties, max_properties;
  std::vector<std::string> required;
  absl::flat_hash_map<std::string, const Node*> properties;
  std::vector<std::pair<text::Regexp, const Node*>> pattern_properties;
  // A boolean is told apart from a schema that is one: the message is another.
  std::optional<bool> additional_allowed;
  const Node* additional = nullptr;
  ByName<std::variant<std::vector<std::string>, const Node*>> dependencies;
  const Node* property_names = nullptr;
  ByName<const Node*> dependent_schemas;
  ByName<std::vector<std::string>> dependent_required;
  const Node* unevaluated = nullptr;
};

struct ArrayRules {
  std::optional<int64_t> min_items, max_items;
  bool unique = false;
  std::vector<const Node*> prefix;  // "prefixItems", formerly a list in "items"
  const Node* items = nullptr;      // for all, or those behind the prefix
  // Formerly "additionalItems" said what applies there.
  std::optional<bool> additional_allowed;
  const Node* contains = nullptr;
  std::optional<int64_t> min_contains, max_contains;
  const Node* unevaluated = nullptr;
};

struct StringRules {
  std::optional<int64_t> min_length, max_length;
  std::optional<text::Regexp> pattern;
};

struct NumberRules {
  std::optional<Number> minimum, maximum, exclusive_minimum, exclusive_maximum, multiple_of;
};

// A value out of a schema, with its numbers as they are written there.
struct Constant {
  const Value* value = nullptr;
  const JsonText* text = nullptr;
};

struct LogicRules {
  const Node* negated = nullptr;
  std::vector<const Node*> all_of, any_of, one_of;
  const Node* condition = nullptr;
  const Node* then = nullptr;
  const Node* otherwise = nullptr;
};

struct DynamicReference {
  const Node* target = nullptr;
  std::string anchor;  // empty if it names none
};

struct Node {
  // "file:///values.schema.json#/properties/a"
  std::string Location() const;

  absl::string_view url;  // of the document
  std::string pointer;
  int draft = 0;
  bool composed = false;  // made of vocabularies; it has no place in a document

  const Node* resource = nullptr;  // the root of what has the same $id
  std::optional<bool> verdict;     // true, false or {}

  const Node* reference = nullptr;
  const Node* recursive_reference = nullptr;
  std::optional<DynamicReference> dynamic_reference;
  bool recursive_anchor = false;
  std::string dynamic_anchor;
  std::map<std::string, const Node*, std::less<>> dynamic_anchors;  // if this is a resource's root

  uint8_t types = 0;  // 0: any
  std::optional<Constant> constant;
  std::vector<Constant> enumeration;
  bool has_enumeration = false;
  const Format* format = nullptr;

  // Null where there is no such keyword.
  std::unique_ptr<ObjectRules> object;
  std::unique_ptr<ArrayRules> array;
  std::unique_ptr<StringRules> string;
  std::unique_ptr<NumberRules> number;
  std::unique_ptr<LogicRules> logic;

  // What this schema says about every property or item, so that none is left unevaluated.
  bool evaluates_all_properties = false;
  bool evaluates_all_items = false;
  size_t evaluated_items = 0;
};

}  // namespace sluice::jsonschema
