// Field: a value together with its place in the object, for validation.
//
//   const Field spec = root["spec"];           // root must outlive spec
//   NonNegative(spec["replicas"], errors);     // "spec.replicas: Invalid value: -1: must be ..."

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/devapi/builtin_validation/names.h"
#include "common/devapi/schema/field_error.h"
#include "common/value/value.h"

namespace sluice::devapi {

// Points at its parent Field: name each step.
struct Field {
  const Value& value;
  FieldPath path;

  Field operator[](const char* name) const& { return {value[name], path.Child(name)}; }
  Field At(size_t index) const& { return {value.at(index), path.Index(index)}; }
  Field Key(const value::Member& member) const& { return {member.value, path.Key(member.key)}; }
  Field operator[](const char* name) const&& = delete;
  Field At(size_t index) const&& = delete;
  Field Key(const value::Member& member) const&& = delete;

  bool absent() const { return value.is_null(); }
  absl::string_view str() const { return value.str(); }
};

inline void Add(const Field& field, const Messages& messages, FieldErrors& errors) {
  for (const std::string& message : messages) {
    errors.push_back(InvalidValue(field.path, field.value, message));
  }
}

inline void NonNegative(const Field& field, FieldErrors& errors) {
  if (field.value.int_or(0) < 0) Add(field, {"must be greater than or equal to 0"}, errors);
}

inline void MustBeOneOf(const Field& field, const std::vector<std::string>& supported,
                        FieldErrors& errors) {
  if (std::find(supported.begin(), supported.end(), field.str()) == supported.end()) {
    errors.push_back(NotSupported(field.path, field.value, supported));
  }
}

// Whether it is there; an error if not.
inline bool MustBePresent(const Field& field, FieldErrors& errors) {
  const bool present = field.value.is_string() ? !field.str().empty() : !field.absent();
  if (!present) errors.push_back(Required(field.path));
  return present;
}

}  // namespace sluice::devapi
