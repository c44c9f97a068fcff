// Go's types, as far as templates see them: the names that %T and error texts print, and what a
// value of the type consists of and can do.
//
// A Type is a constant that lives for the whole program; two types are the same exactly when they
// are the same object. The predeclared ones are below; who brings objects into templates (Helm's
// chart, a time, a version) defines a Type of its own:
//
//   const Type& MaintainerType() {
//     static const Field fields[] = {{.name = "Name", .type = &types::kString}};
//     static const Type type{.kind = Kind::kStruct, .name = "chart.Maintainer", .fields = fields};
//     return type;
//   }

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::gotmpl {

class Value;
struct Function;
struct Type;

enum class Kind : uint8_t {
  kInvalid,  // of the untyped nil
  kBool,
  kInt,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFloat32,
  kFloat64,
  kComplex128,
  kString,
  kSlice,
  kMap,  // the key is a string, but see Type::map_key
  kStruct,
  kPointer,
  kFunc,
  kInterface,  // of parameters and elements; a Value has it only as types::kRaw says
};

// A field of a struct.
struct Field {
  absl::string_view name;
  const Type* type = nullptr;
  absl::string_view json = {};  // the member in JSON and YAML; "": the name, "-": none
  bool omit_empty = false;      // in JSON and YAML
};

struct Type {
  Kind kind = Kind::kInvalid;
  absl::string_view name;  // as Go's reflect prints it: "map[string]interface {}"
  // Of a slice, map or pointer.
  const Type* elem = nullptr;
  // Of a named slice or map ("common.Values"): the unnamed type that it converts to and from.
  const Type* literal = nullptr;
  // Of a map whose keys are no strings in Go: the key that a string here stands for. The order of
  // the strings must be that of the keys.
  Value (*map_key)(absl::string_view key) = nullptr;
  // Of T: the type *T, where that has methods that T has not.
  const Type* pointer = nullptr;
  std::span<const Field> fields = {};
  // What `.Name` finds before fields and keys. The receiver is the first argument of each, and not
  // among its parameters. The methods of *T include those of T.
  std::span<const Function> methods = {};
  // The method String() or Error(), where the type has one; and GoString(), for %#v.
  std::string (*text)(const Value& value) = nullptr;
  std::string (*go_text)(const Value& value) = nullptr;
  // What the value is in JSON, YAML and TOML, where the type says so itself (MarshalText).
  std::string (*marshal_text)(const Value& value) = nullptr;

  const Function* FindMethod(absl::string_view method) const;
  // The index of a field, or -1.
  int FindField(absl::string_view field) const;

  bool is_signed() const { return kind >= Kind::kInt && kind <= Kind::kInt64; }
  bool is_unsigned() const { return kind >= Kind::kUint && kind <= Kind::kUint64; }
  bool is_integer() const { return kind >= Kind::kInt && kind <= Kind::kUint64; }
  bool is_float() const { return kind == Kind::kFloat32 || kind == Kind::kFloat64; }
  // Whether nil is a value of the type.
  bool is_nillable() const { return kind >= Kind::kSlice && kind != Kind::kStruct; }
  // Whether == is defined for its values.
  bool is_comparable() const;
};

// Whether a value of type `from` may be given where `to` is asked for.
bool AssignableTo(const Type& from, const Type& to);

namespace types {

inline constexpr Type kAny{.kind = Kind::kInterface, .name = "interface {}"};
// Parameters of built-ins that tell no value from a nil read out of a slot of type interface {}:
// they are given that one as a nil of the type kAny, which a value has nowhere else.
inline constexpr Type kRaw{.kind = Kind::kInterface, .name = "reflect.Value"};
inline constexpr Type kBool{.kind = Kind::kBool, .name = "bool"};
inline constexpr Type kInt{.kind = Kind::kInt, .name = "int"};
inline constexpr Type kInt8{.kind = Kind::kInt8, .name = "int8"};
inline constexpr Type kInt16{.kind = Kind::kInt16, .name = "int16"};
inline constexpr Type kInt32{.kind = Kind::kInt32, .name = "int32"};
inline constexpr Type kInt64{.kind = Kind::kInt64, .name = "int64"};
inline constexpr Type kUint{.kind = Kind::kUint, .name = "uint"};
inline constexpr Type kUint8{.kind = Kind::kUint8, .name = "uint8"};
inline constexpr Type kUint16{.kind = Kind::kUint16, .name = "uint16"};
inline constexpr Type kUint32{.kind = Kind::kUint32, .name = "uint32"};
inline constexpr Type kUint64{.kind = Kind::kUint64, .name = "uint64"};
inline constexpr Type kFloat32{.kind = Kind::kFloat32, .name = "float32"};
inline constexpr Type kFloat64{.kind = Kind::kFloat64, .name = "float64"};
inline constexpr Type kComplex128{.kind = Kind::kComplex128, .name = "complex128"};
inline constexpr Type kString{.kind = Kind::kString, .name = "string"};
inline constexpr Type kList{.kind = Kind::kSlice, .name = "[]interface {}", .elem = &kAny};
inline constexpr Type kStrings{.kind = Kind::kSlice, .name = "[]string", .elem = &kString};
inline constexpr Type kInts{.kind = Kind::kSlice, .name = "[]int", .elem = &kInt};
inline constexpr Type kBytes{.kind = Kind::kSlice, .name = "[]uint8", .elem = &kUint8};
inline constexpr Type kLists{.kind = Kind::kSlice, .name = "[][]interface {}", .elem = &kList};
inline constexpr Type kMap{.kind = Kind::kMap, .name = "map[string]interface {}", .elem = &kAny};
inline constexpr Type kMaps{
    .kind = Kind::kSlice, .name = "[]map[string]interface {}", .elem = &kMap};
inline constexpr Type kStringMap{.kind = Kind::kMap, .name = "map[string]string", .elem = &kString};
inline constexpr Type kFunc{.kind = Kind::kFunc, .name = "func()"};

}  // namespace types
}  // namespace sluice::gotmpl
