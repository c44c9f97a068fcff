// Value: the one document model. Kubernetes objects, manifests, Helm values and patches are all
// Values; JSON and YAML are only ways to read and write one (json.h, yaml.h).
//
//   Value object = ParseJson(text).value();
//   absl::string_view name = object["metadata"]["name"].string_or("");
//   object.Ensure("metadata").Ensure("labels").Set("app", "web");
//
// Copies are cheap: strings, lists and maps are shared until one copy is changed (copy on write),
// so an informer's object and the desired object built from it share everything they have in
// common. Why not a library's tree: docs/adr/0003-value.md.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"

namespace sluice::value {

struct Member;

// A JSON value with integers and floating point kept apart. 16 bytes.
//
// Reading from several threads is safe, also of copies that share data; changing one Value while
// another thread uses the same Value is not.
class Value {
 public:
  enum class Kind : uint8_t { kNull, kBool, kInt, kUint, kDouble, kString, kArray, kObject };
  using Array = std::vector<Value>;
  // Members sorted by key (bytes), keys unique.
  using Object = std::vector<Member>;

  Value() : kind_(Kind::kNull) { data_.integer = 0; }
  Value(std::nullptr_t) : Value() {}  // NOLINT: values are written as literals
  Value(bool b) : kind_(Kind::kBool) { data_.boolean = b; }      // NOLINT
  Value(int i) : Value(static_cast<int64_t>(i)) {}               // NOLINT
  Value(long i) : kind_(Kind::kInt) { data_.integer = i; }       // NOLINT
  Value(long long i) : kind_(Kind::kInt) { data_.integer = i; }  // NOLINT
  // Kind kInt when it fits, kUint above INT64_MAX: a number has one representation.
  Value(unsigned int i) : Value(static_cast<int64_t>(i)) {}              // NOLINT
  Value(unsigned long i);                                                // NOLINT
  Value(unsigned long long i) : Value(static_cast<unsigned long>(i)) {}  // NOLINT
  Value(double d) : kind_(Kind::kDouble) { data_.number = d; }           // NOLINT
  Value(absl::string_view s);                                            // NOLINT
  Value(const char* s) : Value(absl::string_view(s)) {}                  // NOLINT
  Value(const std::string& s) : Value(absl::string_view(s)) {}           // NOLINT
  Value(Array array);                                                    // NOLINT
  // An object from {key, value} pairs; the last of equal keys wins.
  Value(std::initializer_list<std::pair<absl::string_view, Value>> members);  // NOLINT

  static Value EmptyArray() { return Value(Array()); }
  static Value EmptyObject();
  // `members` need not be sorted; the last of equal keys wins.
  static Value FromMembers(Object members);

  Value(const Value& other) : kind_(other.kind_), data_(other.data_) { Retain(); }
  Value(Value&& other) noexcept : kind_(other.kind_), data_(other.data_) {
    other.kind_ = Kind::kNull;
  }
  Value& operator=(const Value& other) {
    if (this != &other) {
      Value copy(other);
      *this = std::move(copy);
    }
    return *this;
  }
  // Safe also when `other` lives inside *this.
  Value& operator=(Value&& other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(data_, other.data_);
    return *this;
  }
  ~Value() { Release(); }

  Kind kind() const { return kind_; }
  bool is_null() const { return kind_ == Kind::kNull; }
  bool is_bool() const { return kind_ == Kind::kBool; }
  // kInt or kUint.
  bool is_integer() const { return kind_ == Kind::kInt || kind_ == Kind::kUint; }
  bool is_number() const { return is_integer() || kind_ == Kind::kDouble; }
  bool is_string() const { return kind_ == Kind::kString; }
  bool is_array() const { return kind_ == Kind::kArray; }
  bool is_object() const { return kind_ == Kind::kObject; }

  // The content, or `fallback` when the kind is another one. double_or also takes integers.
  bool bool_or(bool fallback) const { return is_bool() ? data_.boolean : fallback; }
  int64_t int_or(int64_t fallback) const { return kind_ == Kind::kInt ? data_.integer : fallback; }
  uint64_t uint_or(uint64_t fallback) const {
    return kind_ == Kind::kUint || (kind_ == Kind::kInt && data_.integer >= 0)
               ? static_cast<uint64_t>(data_.integer)
               : fallback;
  }
  double double_or(double fallback) const;
  absl::string_view string_or(absl::string_view fallback ABSL_ATTRIBUTE_LIFETIME_BOUND) const
      ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // string_or(""), for the many fields where absent and empty mean the same.
  absl::string_view str() const ABSL_ATTRIBUTE_LIFETIME_BOUND { return string_or(""); }

  // Elements or members; 0 for scalars.
  size_t size() const;
  bool empty() const { return size() == 0; }
  // The elements of a list; none if it is not one.
  std::span<const Value> items() const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // The members of an object in key order; none if it is not one.
  std::span<const Member> members() const ABSL_ATTRIBUTE_LIFETIME_BOUND;

  // The member `key`, or nullptr if there is none or this is no object.
  const Value* Find(absl::string_view key) const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  bool Has(absl::string_view key) const { return Find(key) != nullptr; }
  // Like Find, with a null Value instead of nullptr, so that look-ups chain.
  const Value& operator[](absl::string_view key) const ABSL_ATTRIBUTE_LIFETIME_BOUND;
  const Value& operator[](const char* key) const ABSL_ATTRIBUTE_LIFETIME_BOUND {
    return (*this)[absl::string_view(key)];
  }
  // The element at `index`, or a null Value.
  const Value& at(size_t index) const ABSL_ATTRIBUTE_LIFETIME_BOUND;

  // Changing. Set, Ensure and Append turn any other kind into an object or list first.
  Value& Set(absl::string_view key, Value value) ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // The member `key`, made an empty object if it is absent or no object.
  Value& Ensure(absl::string_view key) ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // The member `key` for changing, or nullptr.
  Value* FindMutable(absl::string_view key) ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // Whether there was such a member.
  bool Erase(absl::string_view key);
  Value& Append(Value value) ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // The list for changing; this must be a list.
  Array& mutable_items() ABSL_ATTRIBUTE_LIFETIME_BOUND;
  // The members for changing values only (keys must stay as they are); this must be an object.
  std::span<Member> mutable_members() ABSL_ATTRIBUTE_LIFETIME_BOUND;

  // Deep equality. 1 and 1.0 differ; NaN equals nothing.
  friend bool operator==(const Value& a, const Value& b);

 private:
  struct StringRep;
  struct ArrayRep;
  struct ObjectRep;
  union Data {
    bool boolean;
    int64_t integer;  // kUint keeps its bits here
    double number;
    StringRep* string;
    ArrayRep* array;
    ObjectRep* object;
  };

  void Retain() const {
    if (kind_ >= Kind::kString) RetainShared();
  }
  void Release() {
    if (kind_ >= Kind::kString) ReleaseShared();
  }
  void RetainShared() const;
  void ReleaseShared();
  ArrayRep& OwnArray();
  ObjectRep& OwnObject();

  Kind kind_;
  Data data_;
};

struct Member {
  std::string key;
  Value value;
};

// The value at `path` below `root` through objects only, or a null Value.
const Value& Dig(const Value& root ABSL_ATTRIBUTE_LIFETIME_BOUND,
                 std::initializer_list<absl::string_view> path);

}  // namespace sluice::value

namespace sluice {
using value::Value;
}  // namespace sluice
