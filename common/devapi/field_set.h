// Sets of fields of an object, as managedFields record them (structured-merge-diff v6 fieldpath).
//
//   f:metadata  f:spec  k:{"name":"web"}  v:"finalizer"  i:3  .
//
// A set is a tree: each node says which of its fields are in the set and which have fields below
// them that are.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::devapi {

// One step of a path.
class PathElement {
 public:
  enum class Kind : uint8_t { kField, kKey, kValue, kIndex };
  struct KeyField {
    std::string name;
    Value value;
  };

  static PathElement Field(absl::string_view name);
  // The element of a list whose fields have these values; sorted by name here.
  static PathElement Key(std::vector<KeyField> fields);
  // The element of a set that is equal to `value`.
  static PathElement Item(Value value);
  static PathElement Index(int64_t index);

  Kind kind() const { return kind_; }
  const std::string& name() const { return name_; }          // of a field
  const std::vector<KeyField>& key() const { return key_; }  // of an associative list's element
  const Value& value() const { return value_; }              // of a set's element

  // "f:spec", `k:{"name":"web"}`, as the keys of FieldsV1.
  std::string Serialize() const;
  // kInvalidArgument if it is none of the forms; kUnimplemented if the letter is not known.
  static absl::StatusOr<PathElement> Parse(absl::string_view text);
  // ".spec", `[name="web"]`, `[="finalizer"]`, "[3]": as conflicts are printed.
  std::string ToString() const;

  friend bool operator==(const PathElement& a, const PathElement& b) { return (a <=> b) == 0; }
  // Fields before keys before values before indexes, each by its content.
  friend std::strong_ordering operator<=>(const PathElement& a, const PathElement& b);

 private:
  explicit PathElement(Kind kind) : kind_(kind) {}

  Kind kind_;
  std::string name_;
  std::vector<KeyField> key_;
  Value value_;
  int64_t index_ = 0;
};

using Path = std::vector<PathElement>;
std::string ToString(const Path& path);

// Orders any two values: numbers, strings, booleans, lists, objects, null. 1 and 1.0 are equal.
std::strong_ordering CompareValues(const Value& a, const Value& b);

struct Schema;

// A value: copies are independent. Not thread-safe while it changes.
class FieldSet {
 public:
  FieldSet();
  ~FieldSet();
  FieldSet(const FieldSet& other);
  FieldSet(FieldSet&&) noexcept;
  FieldSet& operator=(const FieldSet& other);
  FieldSet& operator=(FieldSet&&) noexcept;

  // FieldsV1 to a set and back. kInvalidArgument if a key cannot be read; keys of unknown kinds are
  // left out.
  static absl::StatusOr<FieldSet> Decode(const Value& fields_v1);
  Value Encode() const;

  bool empty() const;
  // An empty path is not inserted: nobody owns the whole object.
  void Insert(const Path& path);
  bool Has(const Path& path) const;
  bool HasMember(const PathElement& element) const;
  // The fields below `element`, or nullptr.
  const FieldSet* Below(const PathElement& element) const;
  // The set below `element`, made if there is none.
  FieldSet& Descend(const PathElement& element);
  void InsertMember(const PathElement& element);

  const std::vector<PathElement>& members() const { return members_; }
  struct Child;
  const std::vector<Child>& children() const { return children_; }

  FieldSet Union(const FieldSet& other) const;
  FieldSet Intersection(const FieldSet& other) const;
  // Without the fields of `other`; what is below them stays.
  FieldSet Difference(const FieldSet& other) const;
  // Without the fields of `other` and everything below them.
  FieldSet RecursiveDifference(const FieldSet& other) const;
  // With every named field that has fields below it, as `schema` tells them from keys of maps.
  FieldSet WithNamedFields(const Schema* schema) const;

  // Every path, parents before what is below them, members before children, in order.
  void ForEach(const std::function<void(const Path&)>& visit) const;

  friend bool operator==(const FieldSet& a, const FieldSet& b);

 private:
  void ForEach(Path& prefix, const std::function<void(const Path&)>& visit) const;
  bool DecodeInto(const Value& fields_v1, absl::Status& status);
  Value Encode(bool with_self) const;

  std::vector<PathElement> members_;  // sorted
  std::vector<Child> children_;       // sorted; a child may be empty
};

struct FieldSet::Child {
  PathElement element;
  FieldSet set;

  friend bool operator<(const Child& child, const PathElement& other) {
    return (child.element <=> other) < 0;
  }
};

}  // namespace sluice::devapi
