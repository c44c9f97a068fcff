// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/convert.h"

#include <cmath>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/gotmpl/format.h"
#include "common/gotmpl/literal.h"

namespace sluice::sprig {

using gotmpl::Kind;
using gotmpl::Session;
using gotmpl::Value;

namespace {

// Types with a name of their own ("time.Duration") are none of those that cast knows.
bool IsPredeclared(const Value& value) {
  return value.type() != nullptr && !absl::StrContains(value.type_name(), '.');
}

// "12.00" without the zeros and the point; "12.50" as it is.
absl::string_view WithoutZeroDecimals(absl::string_view text) {
  const size_t last = text.find_last_not_of('0');
  if (last == absl::string_view::npos || last + 1 == text.size() || text[last] != '.') return text;
  return text.substr(0, last);
}

absl::StatusOr<bool> EqualAt(const Value& a, const Value& b, size_t depth, Session& session) {
  RETURN_IF_ERROR(session.ChargeStep());
  if (depth > session.limits().value_depth) {
    return absl::ResourceExhaustedError(
        absl::StrCat("the compared values nest deeper than ", session.limits().value_depth));
  }
  if (a.type() != b.type() || a.is_nil() != b.is_nil()) return false;
  if (a.is_nil()) return true;
  if (a.size() != b.size() || a.kind() == Kind::kFunc) return false;
  if (a.kind() == Kind::kMap) {
    if (a.map() == b.map()) return true;
    for (const auto& [key, member] : *a.map()) {
      const Value* other = b.Find(key);
      if (other == nullptr) return false;
      ASSIGN_OR_RETURN(const bool equal, EqualAt(member, *other, depth + 1, session));
      if (!equal) return false;
    }
    return true;
  }
  if (a.kind() != Kind::kSlice) return gotmpl::Identical(a, b);
  if (a.type()->elem == &gotmpl::types::kUint8) return a.text() == b.text();
  for (size_t i = 0; i < a.size(); ++i) {
    ASSIGN_OR_RETURN(const bool equal, EqualAt(a.items()[i], b.items()[i], depth + 1, session));
    if (!equal) return false;
  }
  return true;
}

}  // namespace

int64_t ToInt64(const Value& value) {
  if (!IsPredeclared(value)) return 0;
  if (value.kind() == Kind::kBool) return value.boolean() ? 1 : 0;
  if (value.is_string()) return gotmpl::ParseInt(WithoutZeroDecimals(value.text()), 0).value_or(0);
  if (value.type()->is_signed()) return value.signed_integer();
  if (value.type()->is_unsigned()) return static_cast<int64_t>(value.unsigned_integer());
  if (!value.type()->is_float()) return 0;
  // As amd64 converts: what does not fit is the smallest integer.
  const double number = value.number();
  if (!(number >= -0x1p63 && number < 0x1p63)) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(number);
}

double ToFloat(const Value& value) {
  if (!IsPredeclared(value)) return 0;
  if (value.kind() == Kind::kBool) return value.boolean() ? 1 : 0;
  if (value.is_string()) return gotmpl::ParseFloat(value.text()).value_or(0);
  if (value.type()->is_signed()) return static_cast<double>(value.signed_integer());
  if (value.type()->is_unsigned()) return static_cast<double>(value.unsigned_integer());
  return value.type()->is_float() ? value.number() : 0;
}

absl::StatusOr<std::string> ToText(const Value& value, Session& session) {
  if (value.type() == &gotmpl::types::kString || value.type() == &gotmpl::types::kBytes) {
    return std::string(value.text());
  }
  return gotmpl::Sprint(std::span(&value, 1), {.bytes = session.function_bytes_left(),
                                               .depth = session.limits().value_depth});
}

absl::StatusOr<std::vector<std::string>> ToTexts(const Value& value, Session& session) {
  std::vector<std::string> texts;
  if (value.is_untyped_nil()) return texts;
  if (value.kind() != Kind::kSlice) {
    ASSIGN_OR_RETURN(std::string text, ToText(value, session));
    texts.push_back(std::move(text));
    return texts;
  }
  // The same text may be in the list many times.
  RETURN_IF_ERROR(session.ChargeElements(value.size()));
  size_t size = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    const Value item = value.at(i);
    if (item.is_untyped_nil()) continue;
    ASSIGN_OR_RETURN(std::string text, ToText(item, session));
    size += text.size();
    RETURN_IF_ERROR(session.CheckFunction(size));
    texts.push_back(std::move(text));
  }
  return texts;
}

bool IsEmpty(const Value& value) { return value.kind() != Kind::kStruct && !value.IsTrue(); }

absl::StatusOr<bool> DeepEqual(const Value& a, const Value& b, Session& session) {
  return EqualAt(a, b, 0, session);
}

absl::string_view KindName(const Value& value) {
  switch (value.kind()) {
    case Kind::kInvalid:
      return "invalid";
    case Kind::kBool:
      return "bool";
    case Kind::kInt:
      return "int";
    case Kind::kInt8:
      return "int8";
    case Kind::kInt16:
      return "int16";
    case Kind::kInt32:
      return "int32";
    case Kind::kInt64:
      return "int64";
    case Kind::kUint:
      return "uint";
    case Kind::kUint8:
      return "uint8";
    case Kind::kUint16:
      return "uint16";
    case Kind::kUint32:
      return "uint32";
    case Kind::kUint64:
      return "uint64";
    case Kind::kFloat32:
      return "float32";
    case Kind::kFloat64:
      return "float64";
    case Kind::kComplex128:
      return "complex128";
    case Kind::kString:
      return "string";
    case Kind::kSlice:
      return "slice";
    case Kind::kMap:
      return "map";
    case Kind::kStruct:
      return "struct";
    case Kind::kPointer:
      return "ptr";
    case Kind::kFunc:
      return "func";
    case Kind::kInterface:
      return "interface";
  }
  return "";
}

absl::Status Failure(absl::string_view message) { return absl::InvalidArgumentError(message); }

absl::Status NilDereference() {
  return Failure("runtime error: invalid memory address or nil pointer dereference");
}

}  // namespace sluice::sprig
