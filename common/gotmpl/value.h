// Value: what a template computes with. Unlike the document model (value::Value) it keeps Go's
// types apart (an int is not an int64, []string is not []interface {}), maps are shared and may be
// changed while a template runs, nil may have a type, and there are functions and objects.
//
//   Value map = Value::NewMap();
//   (*map.map())["replicas"] = Value::Float(3);       // as it comes from a values file
//   map.type()->name                                  // "map[string]interface {}"
//
// Copies share what they refer to. Strings and lists never change; maps do, so values that share
// one belong to one thread.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <complex>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/type.h"

namespace sluice::gotmpl {

using List = std::vector<Value>;
// Sorted by key (bytes), the order in which Go's templates walk a map.
using Map = std::map<std::string, Value, std::less<>>;

// What a struct, or a pointer to one, refers to.
class Object {
 public:
  virtual ~Object() = default;
  // The field at `index` of the type's fields, a value of that field's type.
  virtual Value GetField(size_t index) const;
};

class Value {
 public:
  Value() = default;  // the untyped nil

  static Value Bool(bool value) { return Value(types::kBool, value); }
  static Value Int(int64_t value) { return Value(types::kInt, value); }
  static Value Int64(int64_t value) { return Value(types::kInt64, value); }
  static Value Uint64(uint64_t value) { return Value(types::kUint64, value); }
  static Value Float(double value) { return Value(types::kFloat64, value); }
  static Value Complex(std::complex<double> value) { return Value(types::kComplex128, value); }
  static Value String(absl::string_view text) { return StringOf(types::kString, text); }
  static Value String(const char* text) { return StringOf(types::kString, text); }
  static Value String(std::string&& text) {
    return Value(types::kString, std::make_shared<const std::string>(std::move(text)));
  }
  // []uint8.
  static Value Bytes(absl::string_view bytes) { return StringOf(types::kBytes, bytes); }
  // []interface {}.
  static Value FromList(List items) { return ListOf(types::kList, std::move(items)); }
  static Value Strings(std::span<const std::string> texts);
  // An empty map[string]interface {}.
  static Value NewMap() { return MapOf(types::kMap, Map()); }
  static Value FromMap(Map members) { return MapOf(types::kMap, std::move(members)); }

  // Values of any type of the kind that the name says. The elements must fit the type.
  static Value SignedOf(const Type& type, int64_t value) { return Value(type, value); }
  static Value UnsignedOf(const Type& type, uint64_t value) { return Value(type, value); }
  static Value FloatOf(const Type& type, double value) { return Value(type, value); }
  static Value StringOf(const Type& type, absl::string_view text);
  static Value ListOf(const Type& type, List items);
  static Value MapOf(const Type& type, Map members);
  // The map itself, not null, which others may hold and change too.
  static Value SharedMapOf(const Type& type, std::shared_ptr<Map> map) {
    return Value(type, std::move(map));
  }
  // A struct or a pointer to one.
  static Value ObjectOf(const Type& type, std::shared_ptr<const Object> object) {
    return Value(type, std::move(object));
  }
  static Value FunctionOf(const Type& type, std::shared_ptr<const Function> function) {
    return Value(type, std::move(function));
  }
  // A nil slice, map, pointer or function.
  static Value NilOf(const Type& type) { return Value(type, std::monostate()); }
  // Go's zero value: nil, 0, "", a struct of zeros. Of interface types the untyped nil.
  static Value Zero(const Type& type);

  // Null for the untyped nil.
  const Type* type() const { return type_; }
  Kind kind() const { return type_ == nullptr ? Kind::kInvalid : type_->kind; }
  // "<nil>" for the untyped nil, as %T prints it.
  absl::string_view type_name() const { return type_ == nullptr ? "<nil>" : type_->name; }
  bool is_untyped_nil() const { return type_ == nullptr; }
  // The untyped nil, and nil slices, maps, pointers and functions.
  bool is_nil() const;
  bool is_string() const { return kind() == Kind::kString; }

  // The content; zero if the kind is another one.
  bool boolean() const { return Get<bool>(); }
  int64_t signed_integer() const { return Get<int64_t>(); }
  uint64_t unsigned_integer() const { return Get<uint64_t>(); }
  double number() const { return Get<double>(); }
  std::complex<double> complex() const { return Get<std::complex<double>>(); }
  // Of strings and of []uint8, however named.
  absl::string_view text() const ABSL_ATTRIBUTE_LIFETIME_BOUND;

  // Bytes of a string, elements of a slice, members of a map; 0 for others.
  size_t size() const;
  // The element of a slice; `index` must be below size().
  Value at(size_t index) const;
  // The elements of a slice. Empty for []uint8, which at() gives.
  const List& items() const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // The members, null if this is no map or a nil one. Whoever changes a map calls
  // Session::WillChange before.
  const std::shared_ptr<Map>& map() const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // The member, or null.
  const Value* Find(absl::string_view key) const;
  const std::shared_ptr<const Object>& object() const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  const std::shared_ptr<const Function>& function() const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // The field of a struct; the zero value if the object is nil.
  Value field(size_t index) const;

  // The same content as a value of `type`, which must be of the same kind.
  Value As(const Type& type) const;
  // What a pointer points to. Must be a pointer, not nil.
  Value Pointee() const;

  // Go's rule for `if`: false, 0, nil and what is empty are false; structs and NaN are true.
  bool IsTrue() const;

 private:
  using Data = std::variant<std::monostate, bool, int64_t, uint64_t, double, std::complex<double>,
                            std::shared_ptr<const std::string>, std::shared_ptr<const List>,
                            std::shared_ptr<Map>, std::shared_ptr<const Object>,
                            std::shared_ptr<const Function>>;

  Value(const Type& type, Data data) : type_(&type), data_(std::move(data)) {}
  template <typename T>
  T Get() const {
    const T* content = std::get_if<T>(&data_);
    return content == nullptr ? T() : *content;
  }

  const Type* type_ = nullptr;
  Data data_;
};

// An object whose fields are values.
class Record : public Object {
 public:
  explicit Record(std::vector<Value> fields) : fields_(std::move(fields)) {}
  Value GetField(size_t index) const override { return fields_.at(index); }

 private:
  std::vector<Value> fields_;
};

// Go's ==, for values of the same comparable type; pointers are equal when they are the same.
bool Identical(const Value& a, const Value& b);

}  // namespace sluice::gotmpl
