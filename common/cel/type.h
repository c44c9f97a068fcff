// Types, as the checker knows them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/cel/features.h"

namespace sluice::cel {

struct Schema;
struct Type;
using TypePtr = std::shared_ptr<const Type>;

// Immutable.
struct Type {
  enum class Kind : uint8_t {
    kDyn,
    kError,
    kNull,
    kBool,
    kInt,
    kUint,
    kDouble,
    kString,
    kBytes,
    kTimestamp,
    kDuration,
    kList,    // params: element
    kMap,     // params: key, value
    kType,    // params: the type it is the type of, or none
    kOpaque,  // of a library, or "optional_type": name, params
    kStruct,  // an object of `schema`: name
    kParam,   // a variable in a signature: name
  };

  Kind kind = Kind::kDyn;
  std::string name;
  std::vector<TypePtr> params;
  const Schema* schema = nullptr;  // owned by whoever owns the type
};

TypePtr SimpleType(Type::Kind kind);
TypePtr ListOf(TypePtr element);
TypePtr MapOf(TypePtr key, TypePtr value);
TypePtr OptionalOf(TypePtr value);
TypePtr TypeOf(TypePtr type);  // null: of any
TypePtr OpaqueType(absl::string_view name, std::vector<TypePtr> params = {});
TypePtr StructType(absl::string_view name, const Schema* schema);
TypePtr ParamType(absl::string_view name);

// As messages print it: "list(string)", "map(string, int)", "google…" spelled short.
std::string FormatType(const Type& type);

bool SameType(const Type& a, const Type& b);
bool IsOptional(const Type& type);

// "list(A)", "map(string, dyn)", "optional(A)": the types of signatures. A capital letter is a
// variable; a name with a dot an opaque type. Ends the process on text that is no type.
TypePtr ParseType(absl::string_view text);

// The types that expressions can name: "int", "google.protobuf.Timestamp", "net.IP". Null if
// `name` is none.
TypePtr NamedType(absl::string_view name, const Features& features);

}  // namespace sluice::cel
