// The steps of paths to fields, as managedFields write them and conflicts print them
// (structured-merge-diff v6 fieldpath).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <string>
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

}  // namespace sluice::devapi
