// Why an object is refused, field by field, in the words of apimachinery's validation/field (1.34).
//
//   FieldErrors errors;
//   const FieldPath spec = FieldPath().Child("spec");
//   if (name.empty()) errors.push_back(Required(spec.Child("name")));
//   // "spec.name: Required value"

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::devapi {

// A value as it is to be printed: for those few that the API server prints in the form of its
// internal types, with fields in their order.
struct PrintedValue {
  std::string text;
};

// Where a field is. A chain of steps on the stack, cheap to extend; the text is made only for an
// error. A path points at its parent and at the text of its step: keep both alive.
class FieldPath {
 public:
  FieldPath() = default;  // the object itself

  // `name` may hold several steps ("spec.template").
  FieldPath Child(absl::string_view name) const& { return {this, Kind::kChild, name, 0}; }
  FieldPath Index(size_t index) const& { return {this, Kind::kIndex, "", index}; }
  // One key of a map: "data[key]".
  FieldPath Key(absl::string_view key) const& { return {this, Kind::kKey, key, 0}; }
  // A value of its own at the place `text`, which is not part of what InBody() tells.
  static FieldPath Base(absl::string_view text) { return {nullptr, Kind::kBase, text, 0}; }
  // These would leave a dangling parent when kept; name the parent first.
  FieldPath Child(absl::string_view name) const&& = delete;
  FieldPath Index(size_t index) const&& = delete;
  FieldPath Key(absl::string_view key) const&& = delete;

  // "" for the object itself.
  std::string ToString() const;
  // As ToString(), with the keys of maps as if they were fields: "data.key".
  std::string Dotted() const;
  // As ToString(), from the nearest Base() on.
  std::string InBody() const;
  // Only the names of fields, without indexes and keys: "spec.containers.image".
  std::string Fields() const;

 private:
  enum class Kind : uint8_t { kRoot, kBase, kChild, kIndex, kKey };

  FieldPath(const FieldPath* parent, Kind kind, absl::string_view text, size_t index)
      : parent_(parent), text_(text), index_(index), kind_(kind) {}

  std::string Text(bool with_base, bool dotted) const;

  const FieldPath* parent_ = nullptr;
  absl::string_view text_;
  size_t index_ = 0;
  Kind kind_ = Kind::kRoot;
};

// One entry of a Status object's details.causes.
struct FieldError {
  std::string reason;   // "FieldValueInvalid"
  std::string field;    // "spec.replicas"; "<nil>" for the object itself
  std::string message;  // without the field: "Invalid value: -1: must be ..."

  friend bool operator==(const FieldError& a, const FieldError& b) = default;
};
using FieldErrors = std::vector<FieldError>;

FieldError Required(const FieldPath& path, absl::string_view detail = "");
FieldError InvalidValue(const FieldPath& path, const Value& value, absl::string_view detail);
FieldError InvalidValue(const FieldPath& path, const PrintedValue& value, absl::string_view detail);
// A value of the wrong type; the same text as InvalidValue under another reason.
FieldError WrongType(const FieldPath& path, const Value& value, absl::string_view detail);
// `supported` in the order to print.
FieldError NotSupported(const FieldPath& path, const Value& value,
                        const std::vector<std::string>& supported);
FieldError NotSupported(const FieldPath& path, const PrintedValue& value,
                        const std::vector<std::string>& supported);
FieldError Duplicate(const FieldPath& path, const Value& value);
FieldError Duplicate(const FieldPath& path, const PrintedValue& value);
FieldError ForbiddenField(const FieldPath& path, absl::string_view detail);
FieldError FieldNotFound(const FieldPath& path, const Value& value);
FieldError TooLong(const FieldPath& path, int64_t max_bytes);
FieldError TooMany(const FieldPath& path, int64_t actual, int64_t max);

// "<field>: <message>".
std::string ToString(const FieldError& error);
// One error as ToString, several as "[a, b]", repeated ones once: what follows `... is invalid: `.
std::string JoinErrors(const FieldErrors& errors);

}  // namespace sluice::devapi
