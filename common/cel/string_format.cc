// SPDX-License-Identifier: Apache-2.0
#include "common/cel/string_format.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "common/cel/print.h"
#include "common/text/quote.h"
#include "common/text/utf8.h"

namespace sluice::cel {
namespace {

constexpr int kMaxPrecision = 1000;

using Text = absl::StatusOr<std::string>;

absl::Status Wrong(absl::string_view what, const Value& value) {
  return absl::InvalidArgumentError(absl::StrCat(what, ", was given ", value.type_name()));
}
absl::Status BadClause(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("could not parse formatting clause: ", what));
}

bool IsInteger(const Value& value) {
  return value.kind() == Kind::kInt || value.kind() == Kind::kUint;
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

// The number with a comma between groups of three digits before the point.
std::string Grouped(std::string number) {
  const size_t point = std::min(number.find('.'), number.size());
  const size_t first = number[0] == '-' ? 1 : 0;
  for (size_t at = point; at > first + 3;) {
    at -= 3;
    number.insert(at, ",");
  }
  return number;
}

// d.ddde±xx with the exponent as a power of ten.
std::string WithPowerOfTen(absl::string_view number) {
  constexpr absl::string_view kSuperscripts[] = {"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                                 "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
  const size_t e = number.find('e');
  std::string text = absl::StrCat(number.substr(0, e), "\u00d710");
  for (const char c : number.substr(e + 1)) {
    if (c == '-') text += "\u207b";
    if (c >= '0' && c <= '9') absl::StrAppend(&text, kSuperscripts[c - '0']);
  }
  return text;
}

class Formatter {
 public:
  Formatter(FormatVersion version, Arena& arena)
      : localized_(version == FormatVersion::kLocalized), arena_(arena) {}

  Text Format(const FormatClause& clause, const Value& value) {
    switch (clause.verb) {
      case 's':
        return AsString(value, /*nested=*/false);
      case 'd':
        return AsDecimal(value);
      case 'f':
      case 'e':
        return AsFraction(value, clause.precision, clause.verb == 'e');
      case 'x':
      case 'X':
        return AsHex(value, clause.verb == 'X');
      case 'o':
        if (IsInteger(value)) return InBase(value, 8);
        return Wrong(localized_ ? "octal clause can only be used on integers"
                                : "octal clause can only be used on ints and uints",
                     value);
      default:
        if (value.is_bool()) return std::string(value.boolean() ? "1" : "0");
        if (IsInteger(value)) return InBase(value, 2);
        return Wrong(localized_ ? "only integers and bools can be formatted as binary"
                                : "only ints, uints, and bools can be formatted as binary",
                     value);
    }
  }

 private:
  Text AsString(const Value& value, bool nested) {
    const bool quoted = nested && localized_;
    switch (value.kind()) {
      case Kind::kNull:
        return std::string("null");
      case Kind::kBool:
      case Kind::kInt:
      case Kind::kUint:
      case Kind::kType:
        return Print(value);
      case Kind::kString:
        return quoted ? text::Quote(value.text()) : std::string(value.text());
      case Kind::kBytes:
        if (!IsUtf8(value.text())) {
          return absl::InvalidArgumentError(
              "could not convert argument \"invalid UTF-8 in bytes, cannot convert to string\" to "
              "string");
        }
        return quoted ? absl::StrCat("b", text::Quote(value.text())) : std::string(value.text());
      case Kind::kDouble:
        return DoubleAsString(value.floating(), quoted);
      case Kind::kDuration: {
        const std::string text = FormatSeconds(value.integer());
        return quoted ? absl::StrCat("duration(\"", text, "\")") : text;
      }
      case Kind::kTimestamp: {
        const std::string text = FormatTimestamp(value.timestamp());
        return quoted ? absl::StrCat("timestamp(\"", text, "\")") : text;
      }
      case Kind::kList: {
        std::vector<std::string> parts;
        for (size_t i = 0; i < Size(value); ++i) {
          ASSIGN_OR_RETURN(std::string part, AsString(ElementAt(value, i, arena_), true));
          parts.push_back(std::move(part));
        }
        return absl::StrCat("[", absl::StrJoin(parts, ", "), "]");
      }
      case Kind::kMap:
        return MapAsString(value);
      case Kind::kError:
        return absl::InvalidArgumentError(value.text());
      default:
        return Wrong(
            "string clause can only be used on strings, bools, bytes, ints, doubles, maps, "
            "lists, types, durations, and timestamps",
            value);
    }
  }

  std::string DoubleAsString(double number, bool quoted) const {
    if (localized_) {
      if (!quoted) return FormatDouble(number);
      if (std::isfinite(number)) return absl::StrFormat("%f", number);
      return text::Quote(FormatDouble(number));
    }
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    return FormatDouble(number, 21);
  }

  Text MapAsString(const Value& map) {
    std::vector<std::pair<std::string, std::string>> entries;
    for (size_t i = 0; i < KeyCount(map); ++i) {
      const Value key = KeyAt(map, i, arena_);
      if (localized_ && !key.is_string() && !key.is_bool() && !IsInteger(key)) {
        return absl::InvalidArgumentError(
            absl::StrCat("no formatting function for map key of type ", key.type_name()));
      }
      ASSIGN_OR_RETURN(std::string key_text, AsString(key, true));
      ASSIGN_OR_RETURN(std::string value_text, AsString(ValueAt(map, i, arena_), true));
      entries.emplace_back(std::move(key_text), std::move(value_text));
    }
    std::sort(entries.begin(), entries.end());
    std::string text = "{";
    for (const auto& [key, element] : entries) {
      absl::StrAppend(&text, text.size() == 1 ? "" : ", ", key, localized_ ? ":" : ": ", element);
    }
    return text + "}";
  }

  Text AsDecimal(const Value& value) const {
    if (IsInteger(value)) return Print(value);
    if (localized_) return Wrong("decimal clause can only be used on integers", value);
    if (value.kind() == Kind::kDouble) return DoubleAsString(value.floating(), false);
    return Wrong("decimal clause can only be used on ints, uints, and doubles", value);
  }

  Text AsFraction(const Value& value, int precision, bool scientific) const {
    const absl::string_view clause = scientific ? "scientific" : "fixed-point";
    double number = 0;
    if (value.kind() == Kind::kDouble) {
      number = value.floating();
    } else if (localized_) {
      const absl::string_view text = value.is_string() ? value.text() : "";
      if (text == "NaN") {
        number = std::nan("");
      } else if (text == "Infinity" || text == "-Infinity") {
        number = text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
      } else {
        return Wrong(absl::StrCat(clause, " clause can only be used on doubles"), value);
      }
    } else if (IsInteger(value)) {
      // The reference hands integers to a verb of Go's fmt that does not take them.
      const char verb = scientific ? 'e' : 'f';
      return value.kind() == Kind::kInt
                 ? absl::StrFormat("%%!%c(int64=%.*d)", verb, precision, value.integer())
                 : absl::StrFormat("%%!%c(uint64=%.*d)", verb, precision, value.unsigned_integer());
    } else {
      return Wrong(absl::StrCat(clause, " clause can only be used on ints, uints, and doubles"),
                   value);
    }
    // The reference pads these to six characters in one case.
    const bool padded = localized_ && scientific;
    if (std::isnan(number)) return std::string(padded ? "   NaN" : "NaN");
    if (std::isinf(number)) {
      const bool negative = number < 0;
      return absl::StrCat(padded ? std::string(negative ? 4 : 5, ' ') : "", negative ? "-" : "",
                          localized_ ? "\u221e" : "Infinity");
    }
    if (!localized_) {
      return scientific ? absl::StrFormat("%.*e", precision, number)
                        : absl::StrFormat("%.*f", precision, number);
    }
    if (number == 0) number = 0;  // not the negative one
    // The precision of %e is always the default.
    return scientific ? WithPowerOfTen(absl::StrFormat("%e", number))
                      : Grouped(absl::StrFormat("%.*f", precision, number));
  }

  Text AsHex(const Value& value, bool upper) const {
    std::string text;
    if (IsInteger(value)) {
      text = InBase(value, 16);
    } else if (value.is_string() || value.kind() == Kind::kBytes) {
      text = absl::BytesToHexString(value.text());
    } else {
      return Wrong(localized_ ? "only integers, byte buffers, and strings can be formatted as hex"
                              : "only ints, uints, bytes, and strings can be formatted as hex",
                   value);
    }
    return upper ? absl::AsciiStrToUpper(text) : text;
  }

  static bool IsUtf8(absl::string_view text) {
    while (!text.empty()) {
      const text::Decoded decoded = text::DecodeFirst(text);
      if (!decoded.valid) return false;
      text.remove_prefix(decoded.size);
    }
    return true;
  }

  bool localized_;
  Arena& arena_;
};

}  // namespace

absl::StatusOr<std::vector<FormatClause>> ParseFormat(absl::string_view pattern) {
  std::vector<FormatClause> clauses;
  std::string plain;
  const auto flush = [&] {
    if (plain.empty()) return;
    clauses.push_back({std::move(plain)});
    plain.clear();
  };
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') {
      plain += pattern[i];
      continue;
    }
    if (++i == pattern.size()) return absl::InvalidArgumentError("unexpected end of string");
    if (pattern[i] == '%') {
      plain += '%';
      continue;
    }
    flush();
    FormatClause clause;
    if (pattern[i] == '.') {
      const size_t start = ++i;
      i = std::min(pattern.find_first_not_of("0123456789", i), pattern.size());
      if (i == pattern.size()) {
        return BadClause(
            "error while parsing precision: could not find end of precision specifier");
      }
      const absl::string_view digits = pattern.substr(start, i - start);
      if (!absl::SimpleAtoi(digits, &clause.precision) || clause.precision > kMaxPrecision) {
        return BadClause(absl::StrCat(
            "error while parsing precision: error while converting precision to integer: "
            "strconv.Atoi: parsing \"",
            digits, "\": ", digits.empty() ? "invalid syntax" : "value out of range"));
      }
    }
    if (!absl::StrContains("sdfexXob", pattern[i])) {
      return BadClause(
          absl::StrCat("unrecognized formatting clause \"", pattern.substr(i, 1), "\""));
    }
    clause.verb = pattern[i];
    clauses.push_back(clause);
  }
  flush();
  return clauses;
}

Value FormatString(absl::string_view pattern, const Value& args, FormatVersion version,
                   Arena& arena) {
  const absl::StatusOr<std::vector<FormatClause>> clauses = ParseFormat(pattern);
  // What comes before a broken clause is not looked at: the message is the same.
  if (!clauses.ok()) return Value::Error(clauses.status().message(), arena);
  Formatter formatter(version, arena);
  std::string out;
  size_t next = 0;
  for (const FormatClause& clause : *clauses) {
    if (clause.verb == 0) {
      out += clause.text;
      continue;
    }
    if (next >= Size(args)) {
      return Value::Error(absl::StrCat("index ", next, " out of range"), arena);
    }
    const Value value = ElementAt(args, next++, arena);
    if (value.is_error()) return value;
    const Text text = formatter.Format(clause, value);
    if (!text.ok()) {
      return Value::Error(absl::StrCat("error during formatting: ", text.status().message()),
                          arena);
    }
    if (!arena.Fits(out.size() + text->size())) {
      return Value::Abort("operation cancelled: memory limit exceeded");
    }
    out += *text;
  }
  return Value::String(arena.Copy(out));
}

}  // namespace sluice::cel
