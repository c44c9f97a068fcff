// Conversions between types, and type().

// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/duration.h"
#include "common/cel/function.h"
#include "common/cel/print.h"
#include "common/cel/times.h"
#include "common/text/utf8.h"

namespace sluice::cel {
namespace {

using Args = std::span<const Value>;

Value CannotConvert(const Value& value, absl::string_view type, Arena& arena) {
  return Value::Error(
      absl::StrCat("type conversion error from '", value.type_name(), "' to '", type, "'"), arena);
}

Value IntOverflow() { return Value::StaticError("integer overflow"); }
Value UintOverflow() { return Value::StaticError("unsigned integer overflow"); }

// Whether `text` is a number as strconv.ParseInt or ParseUint of base 10 reads it.
bool IsDecimal(absl::string_view text, bool may_be_signed) {
  if (may_be_signed && !absl::ConsumePrefix(&text, "-")) absl::ConsumePrefix(&text, "+");
  if (text.empty()) return false;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
  }
  return true;
}

// As strconv.ParseFloat: single underscores may stand between digits; what is too large is no
// number.
std::optional<double> ParseDouble(absl::string_view text) {
  std::string plain;
  const auto is_digit = [&](size_t i) {
    return i < text.size() && absl::ascii_isalnum(static_cast<unsigned char>(text[i]));
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) <= ' ') return std::nullopt;
    if (text[i] != '_') {
      plain += text[i];
    } else if (i == 0 || !is_digit(i - 1) || !is_digit(i + 1)) {
      return std::nullopt;
    }
  }
  double number = 0;
  if (!absl::SimpleAtod(plain, &number)) return std::nullopt;
  const bool says_infinity = plain.find_first_of("iI") != std::string::npos;
  if (std::isinf(number) && !says_infinity) return std::nullopt;
  return number;
}

Value ToInt(Args args, Arena& arena) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::kInt:
      return value;
    case Kind::kUint:
      return value.integer() < 0 ? IntOverflow() : Value::Int(value.integer());
    case Kind::kDouble: {
      const double number = value.floating();
      if (std::isnan(number) || number <= -9223372036854775808.0 ||
          number >= 9223372036854775808.0) {
        return IntOverflow();
      }
      return Value::Int(static_cast<int64_t>(number));
    }
    case Kind::kString: {
      int64_t number = 0;
      if (IsDecimal(value.text(), true) &&
          absl::SimpleAtoi(absl::StripPrefix(value.text(), "+"), &number)) {
        return Value::Int(number);
      }
      return CannotConvert(value, "int", arena);
    }
    case Kind::kTimestamp:
      return Value::Int(value.timestamp().seconds);
    case Kind::kDuration:
      return Value::Int(value.integer());
    default:
      return NoMatch();
  }
}

Value ToUint(Args args, Arena& arena) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::kUint:
      return value;
    case Kind::kInt:
      return value.integer() < 0 ? UintOverflow() : Value::Uint(value.unsigned_integer());
    case Kind::kDouble: {
      const double number = value.floating();
      if (std::isnan(number) || number < 0 || number >= 18446744073709551616.0) {
        return UintOverflow();
      }
      return Value::Uint(static_cast<uint64_t>(number));
    }
    case Kind::kString: {
      uint64_t number = 0;
      if (IsDecimal(value.text(), false) && absl::SimpleAtoi(value.text(), &number)) {
        return Value::Uint(number);
      }
      return CannotConvert(value, "uint", arena);
    }
    default:
      return NoMatch();
  }
}

Value ToDouble(Args args, Arena& arena) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::kDouble:
      return value;
    case Kind::kInt:
      return Value::Double(static_cast<double>(value.integer()));
    case Kind::kUint:
      return Value::Double(static_cast<double>(value.unsigned_integer()));
    case Kind::kString:
      if (const std::optional<double> number = ParseDouble(value.text())) {
        return Value::Double(*number);
      }
      return CannotConvert(value, "double", arena);
    default:
      return NoMatch();
  }
}

Value ToBool(Args args, Arena& arena) {
  const Value& value = args[0];
  if (value.is_bool()) return value;
  if (!value.is_string()) return NoMatch();
  for (const absl::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (value.text() == yes) return Value::Bool(true);
  }
  for (const absl::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (value.text() == no) return Value::Bool(false);
  }
  return CannotConvert(value, "bool", arena);
}

Value ToBytes(Args args, Arena&) {
  if (args[0].kind() == Kind::kBytes) return args[0];
  return args[0].is_string() ? Value::Bytes(args[0].text()) : NoMatch();
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const text::Decoded decoded = text::DecodeFirst(text);
    if (!decoded.valid) return false;
    text.remove_prefix(decoded.size);
  }
  return true;
}

Value ToString(Args args, Arena& arena) {
  const Value& value = args[0];
  switch (value.kind()) {
    case Kind::kString:
      return value;
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kTimestamp:
      return Value::String(arena.Copy(Print(value)));
    case Kind::kDouble:
      return Value::String(arena.Copy(FormatDouble(value.floating())));
    case Kind::kDuration:
      return Value::String(arena.Copy(FormatSeconds(value.integer())));
    case Kind::kBytes:
      if (!IsUtf8(value.text())) {
        return Value::StaticError("invalid UTF-8 in bytes, cannot convert to string");
      }
      return Value::String(value.text());
    default:
      return NoMatch();
  }
}

Value ToTimestamp(Args args, Arena& arena) {
  const Value& value = args[0];
  if (value.kind() == Kind::kTimestamp) return value;
  std::optional<Timestamp> time;
  if (value.is_int()) {
    time = Timestamp{value.integer(), 0};
  } else if (value.is_string()) {
    time = ParseTimestamp(value.text());
    if (!time.has_value()) return CannotConvert(value, "google.protobuf.Timestamp", arena);
  } else {
    return NoMatch();
  }
  if (time->seconds < kMinSeconds || time->seconds > kMaxSeconds) {
    return Value::StaticError("timestamp overflow");
  }
  return Value::Time(*time);
}

Value ToDuration(Args args, Arena& arena) {
  const Value& value = args[0];
  if (value.kind() == Kind::kDuration) return value;
  if (value.is_int()) return CannotConvert(value, "google.protobuf.Duration", arena);
  if (!value.is_string()) return NoMatch();
  const absl::StatusOr<absl::Duration> duration = ParseGoDuration(value.text());
  if (!duration.ok()) return CannotConvert(value, "google.protobuf.Duration", arena);
  return Value::Duration(absl::ToInt64Nanoseconds(*duration));
}

Value ToDyn(Args args, Arena&) { return args[0]; }
Value TypeOfValue(Args args, Arena&) { return Value::TypeName(args[0].type_name()); }

}  // namespace

std::vector<Function> ConversionFunctions() {
  return {
      {"type", {"type: A -> type(A)"}, TypeOfValue},
      {"bool", {"bool_to_bool: bool -> bool", "string_to_bool: string -> bool"}, ToBool},
      {"bytes", {"bytes_to_bytes: bytes -> bytes", "string_to_bytes: string -> bytes"}, ToBytes},
      {"double",
       {"double_to_double: double -> double", "int64_to_double: int -> double",
        "string_to_double: string -> double", "uint64_to_double: uint -> double"},
       ToDouble},
      {"duration",
       {"duration_to_duration: duration -> duration", "int64_to_duration: int -> duration",
        "string_to_duration: string -> duration"},
       ToDuration},
      {"dyn", {"to_dyn: A -> dyn"}, ToDyn},
      {"int",
       {"int64_to_int64: int -> int", "double_to_int64: double -> int",
        "duration_to_int64: duration -> int", "string_to_int64: string -> int",
        "timestamp_to_int64: timestamp -> int", "uint64_to_int64: uint -> int"},
       ToInt},
      {"string",
       {"string_to_string: string -> string", "bool_to_string: bool -> string",
        "bytes_to_string: bytes -> string", "double_to_string: double -> string",
        "duration_to_string: duration -> string", "int64_to_string: int -> string",
        "timestamp_to_string: timestamp -> string", "uint64_to_string: uint -> string"},
       ToString},
      {"timestamp",
       {"timestamp_to_timestamp: timestamp -> timestamp", "int64_to_timestamp: int -> timestamp",
        "string_to_timestamp: string -> timestamp"},
       ToTimestamp},
      {"uint",
       {"uint64_to_uint64: uint -> uint", "double_to_uint64: double -> uint",
        "int64_to_uint64: int -> uint", "string_to_uint64: string -> uint"},
       ToUint},
  };
}

}  // namespace sluice::cel
