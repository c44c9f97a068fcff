// SPDX-License-Identifier: Apache-2.0
#include "common/cel/string_format.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/cel/print.h"

namespace sluice::cel {
namespace {

constexpr int kDefaultPrecision = 6;
constexpr int kMaxPrecision = 1000;

using Text = absl::StatusOr<std::string>;

absl::Status Wrong(absl::string_view what, const Value& value) {
  return absl::InvalidArgumentError(
      absl::StrCat("error during formatting: ", what, ", was given ", value.type_name()));
}

Text AsString(const Value& value, Arena& arena) {
  switch (value.kind()) {
    case Kind::kNull:
      return std::string("null");
    case Kind::kDouble:
      return std::isfinite(value.floating()) ? FormatDouble(value.floating(), 21)
             : std::isnan(value.floating())  ? std::string("NaN")
             : value.floating() < 0          ? std::string("-Infinity")
                                             : std::string("Infinity");
    case Kind::kDuration:
      return FormatSeconds(value.integer());
    case Kind::kList: {
      std::vector<std::string> parts;
      for (size_t i = 0; i < Size(value); ++i) {
        Text part = AsString(ElementAt(value, i, arena), arena);
        if (!part.ok()) return part;
        parts.push_back(*std::move(part));
      }
      return absl::StrCat("[", absl::StrJoin(parts, ", "), "]");
    }
    case Kind::kMap: {
      std::vector<std::pair<std::string, std::string>> entries;
      for (size_t i = 0; i < KeyCount(value); ++i) {
        Text key = AsString(KeyAt(value, i, arena), arena);
        if (!key.ok()) return key;
        Text element = AsString(ValueAt(value, i, arena), arena);
        if (!element.ok()) return element;
        entries.emplace_back(*std::move(key), *std::move(element));
      }
      std::sort(entries.begin(), entries.end());
      std::string text = "{";
      for (const auto& [key, element] : entries) {
        absl::StrAppend(&text, text.size() == 1 ? "" : ", ", key, ": ", element);
      }
      return text + "}";
    }
    case Kind::kBool:
    case Kind::kInt:
    case Kind::kUint:
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kTimestamp:
    case Kind::kType:
      return Print(value);
    default:
      return Wrong(
          "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, "
          "types, durations, and timestamps",
          value);
  }
}

Text AsDecimal(const Value& value) {
  switch (value.kind()) {
    case Kind::kInt:
    case Kind::kUint:
      return Print(value);
    case Kind::kDouble:
      return FormatDouble(value.floating(), 21);
    default:
      return Wrong("decimal clause can only be used on ints, uints, and doubles", value);
  }
}

Text AsFraction(const Value& value, int precision, bool scientific) {
  if (!value.is_number()) {
    return Wrong(absl::StrCat(scientific ? "scientific" : "fixed-point",
                              " clause can only be used on ints, uints, and doubles"),
                 value);
  }
  const double number = value.kind() == Kind::kInt ? static_cast<double>(value.integer())
                        : value.kind() == Kind::kUint
                            ? static_cast<double>(value.unsigned_integer())
                            : value.floating();
  if (std::isnan(number)) return std::string("NaN");
  if (std::isinf(number)) return std::string(number < 0 ? "-Infinity" : "Infinity");
  return scientific ? absl::StrFormat("%.*e", precision, number)
                    : absl::StrFormat("%.*f", precision, number);
}

std::string InBase(const Value& value, unsigned base) {
  const bool negative = value.kind() == Kind::kInt && value.integer() < 0;
  uint64_t rest = negative ? 0 - value.unsigned_integer() : value.unsigned_integer();
  std::string digits;
  do {
    digits += "0123456789abcdef"[rest % base];
    rest /= base;
  } while (rest != 0);
  if (negative) digits += '-';
  return std::string(digits.rbegin(), digits.rend());
}

Text AsHex(const Value& value, bool upper) {
  std::string text;
  switch (value.kind()) {
    case Kind::kInt:
    case Kind::kUint:
      text = InBase(value, 16);
      break;
    case Kind::kString:
    case Kind::kBytes:
      text = absl::BytesToHexString(value.text());
      break;
    default:
      return Wrong("only ints, uints, bytes, and strings can be formatted as hex", value);
  }
  return upper ? absl::AsciiStrToUpper(text) : text;
}

Text Clause(char verb, int precision, const Value& value, Arena& arena) {
  switch (verb) {
    case 's':
      return AsString(value, arena);
    case 'd':
      return AsDecimal(value);
    case 'f':
      return AsFraction(value, precision, false);
    case 'e':
      return AsFraction(value, precision, true);
    case 'x':
    case 'X':
      return AsHex(value, verb == 'X');
    case 'o':
      if (value.kind() == Kind::kInt || value.kind() == Kind::kUint) return InBase(value, 8);
      return Wrong("octal clause can only be used on ints and uints", value);
    default:
      if (value.is_bool()) return std::string(value.boolean() ? "1" : "0");
      if (value.kind() == Kind::kInt || value.kind() == Kind::kUint) return InBase(value, 2);
      return Wrong("only ints, uints, and bools can be formatted as binary", value);
  }
}

}  // namespace

Value FormatString(absl::string_view pattern, const Value& args, Arena& arena) {
  std::string out;
  size_t next = 0;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      out += pattern[i];
      continue;
    }
    if (++i == pattern.size()) return Value::StaticError("unexpected end of string");
    if (pattern[i] == '%') {
      out += '%';
      continue;
    }
    if (next >= Size(args)) {
      return Value::Error(absl::StrCat("index ", next, " out of range"), arena);
    }
    const Value value = ElementAt(args, next++, arena);
    if (value.is_error()) return value;
    int precision = kDefaultPrecision;
    if (pattern[i] == '.') {
      const size_t start = ++i;
      while (i < pattern.size() && absl::ascii_isdigit(static_cast<unsigned char>(pattern[i]))) {
        ++i;
      }
      if (i == pattern.size()) {
        return Value::StaticError(
            "could not parse formatting clause: error while parsing precision: could not find "
            "end of precision specifier");
      }
      if (!absl::SimpleAtoi(pattern.substr(start, i - start), &precision) ||
          precision > kMaxPrecision) {
        return Value::StaticError(
            "could not parse formatting clause: error while parsing precision: error while "
            "converting precision to integer");
      }
    }
    if (!absl::StrContains("sdfexXob", pattern[i])) {
      return Value::Error(
          absl::StrCat("could not parse formatting clause: unrecognized formatting clause \"",
                       pattern.substr(i, 1), "\""),
          arena);
    }
    const Text text = Clause(pattern[i], precision, value, arena);
    if (!text.ok()) return Value::Error(text.status().message(), arena);
    if (!arena.Fits(out.size() + text->size())) {
      return Value::Abort("operation cancelled: memory limit exceeded");
    }
    out += *text;
  }
  return Value::String(arena.Copy(out));
}

}  // namespace sluice::cel
