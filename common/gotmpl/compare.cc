// Comparison of template values: eq and lt, which the others follow from.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "common/gotmpl/builtins.h"
#include "common/gotmpl/format.h"

namespace sluice::gotmpl {
namespace {

enum class Family { kNone, kBool, kComplex, kInt, kFloat, kString, kUint };

Family FamilyOf(const Value& value) {
  if (value.is_untyped_nil()) return Family::kNone;
  const Type& type = *value.type();
  if (type.is_signed()) return Family::kInt;
  if (type.is_unsigned()) return Family::kUint;
  if (type.is_float()) return Family::kFloat;
  if (type.kind == Kind::kBool) return Family::kBool;
  if (type.kind == Kind::kString) return Family::kString;
  return type.kind == Kind::kComplex128 ? Family::kComplex : Family::kNone;
}

bool IsNilInSlot(const Value& value) { return value.kind() == Kind::kInterface; }

std::string AsString(const Value& value) {
  return Sprintf("%s", std::span(&value, 1), FormatLimits()).value_or("...");
}

absl::Status Incompatible(const Value& a, const Value& b) {
  return absl::InvalidArgumentError(
      absl::StrCat("incompatible types for comparison: ", a.type_name(), " and ", b.type_name()));
}

// Neither is a bool, a number or a string.
absl::StatusOr<bool> EqualComposites(const Value& a, const Value& b) {
  if (a.kind() != b.kind() && !a.is_untyped_nil() && !b.is_untyped_nil()) {
    return absl::InvalidArgumentError(absl::StrCat("non-comparable types ", AsString(a), ": ",
                                                   a.type_name(), ", ", b.type_name(), ": ",
                                                   ToText(b)));
  }
  if (a.is_nil() || b.is_nil()) return a.is_nil() == b.is_nil();
  if (!b.type()->is_comparable()) {
    return absl::InvalidArgumentError(
        absl::StrCat("non-comparable type ", AsString(b), ": ", b.type_name()));
  }
  return Identical(a, b);
}

}  // namespace

absl::StatusOr<bool> Equal(const Value& a, const Value& b) {
  if (IsNilInSlot(a)) return Equal(Value(), b);
  if (IsNilInSlot(b)) return Equal(a, Value());
  const Family family = FamilyOf(a);
  const Family other = FamilyOf(b);
  if (family != other) {
    if (family == Family::kInt && other == Family::kUint) {
      return a.signed_integer() >= 0 &&
             static_cast<uint64_t>(a.signed_integer()) == b.unsigned_integer();
    }
    if (family == Family::kUint && other == Family::kInt) return Equal(b, a);
    if (a.is_untyped_nil() || b.is_untyped_nil()) return false;
    return Incompatible(a, b);
  }
  switch (family) {
    case Family::kBool:
      return a.boolean() == b.boolean();
    case Family::kComplex:
      return a.complex() == b.complex();
    case Family::kFloat:
      return a.number() == b.number();
    case Family::kInt:
      return a.signed_integer() == b.signed_integer();
    case Family::kUint:
      return a.unsigned_integer() == b.unsigned_integer();
    case Family::kString:
      return a.text() == b.text();
    case Family::kNone:
      break;
  }
  return EqualComposites(a, b);
}

absl::StatusOr<bool> Less(const Value& a, const Value& b) {
  const Family family = FamilyOf(a);
  const Family other = FamilyOf(b);
  const auto no_order = absl::InvalidArgumentError("invalid type for comparison");
  if (family == Family::kNone || other == Family::kNone) return no_order;
  if (family != other) {
    if (family == Family::kInt && other == Family::kUint) {
      return a.signed_integer() < 0 ||
             static_cast<uint64_t>(a.signed_integer()) < b.unsigned_integer();
    }
    if (family == Family::kUint && other == Family::kInt) {
      return b.signed_integer() >= 0 &&
             a.unsigned_integer() < static_cast<uint64_t>(b.signed_integer());
    }
    return Incompatible(a, b);
  }
  switch (family) {
    case Family::kFloat:
      return a.number() < b.number();
    case Family::kInt:
      return a.signed_integer() < b.signed_integer();
    case Family::kUint:
      return a.unsigned_integer() < b.unsigned_integer();
    case Family::kString:
      return a.text() < b.text();
    default:
      return no_order;
  }
}

}  // namespace sluice::gotmpl
