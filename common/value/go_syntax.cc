// SPDX-License-Identifier: Apache-2.0
#include "common/value/go_syntax.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/value/decimal.h"
#include "common/value/utf8.h"

namespace sluice::value {
namespace {

constexpr size_t kMaxLength = 1000;

void Append(const Value& value, absl::string_view map_type, bool element, std::string& out) {
  if (out.size() > kMaxLength) return;
  switch (value.kind()) {
    case Value::Kind::kNull:
      out += element ? "interface {}(nil)" : "<nil>";
      break;
    case Value::Kind::kBool:
      out += value.bool_or(false) ? "true" : "false";
      break;
    case Value::Kind::kInt:
      absl::StrAppend(&out, value.int_or(0));
      break;
    case Value::Kind::kUint:
      absl::StrAppendFormat(&out, "0x%x", value.uint_or(0));
      break;
    case Value::Kind::kDouble:
      out += GoFloat(value.double_or(0));
      break;
    case Value::Kind::kString:
      out += GoQuote(value.str());
      break;
    case Value::Kind::kArray: {
      out += "[]interface {}{";
      absl::string_view separator;
      for (const Value& item : value.items()) {
        absl::StrAppend(&out, separator);
        Append(item, map_type, true, out);
        separator = ", ";
      }
      out += '}';
      break;
    }
    case Value::Kind::kObject: {
      absl::StrAppend(&out, map_type, "{");
      absl::string_view separator;
      for (const Member& member : value.members()) {
        absl::StrAppend(&out, separator, GoQuote(member.key), ":");
        Append(member.value, map_type, true, out);
        separator = ", ";
      }
      out += '}';
      break;
    }
  }
}

// unicode.IsPrint above ASCII, but for unassigned characters: no controls, blanks, format
// characters or private use.
bool IsPrint(uint32_t c) {
  return c > 0xA0 && c != 0xAD && !(c >= 0x2000 && c <= 0x200F) && !(c >= 0x2028 && c <= 0x202F) &&
         !(c >= 0x205F && c <= 0x206F) && c != 0x3000 && !(c >= 0xE000 && c <= 0xF8FF) &&
         c != 0xFEFF && !(c >= 0xFFF9 && c <= 0xFFFB) && c < 0xE0000;
}

}  // namespace

std::string GoSyntax(const Value& value, absl::string_view map_type) {
  std::string out;
  Append(value, map_type, false, out);
  if (out.size() > kMaxLength) {
    out.resize(kMaxLength);
    out = ToValidUtf8(out) + "...";
  }
  return out;
}

std::string GoQuote(absl::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const auto c = static_cast<unsigned char>(text[0]);
    if (length == 0) {
      absl::StrAppendFormat(&out, "\\x%02x", c);
    } else if (length > 1) {
      uint32_t rune = c & (0xFFU >> (length + 1));
      for (size_t k = 1; k < length; ++k) {
        rune = rune << 6 | (static_cast<unsigned char>(text[k]) & 0x3F);
      }
      if (IsPrint(rune)) {
        absl::StrAppend(&out, text.substr(0, length));
      } else {
        absl::StrAppendFormat(&out, rune < 0x10000 ? "\\u%04x" : "\\U%08x", rune);
      }
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c >= 0x20 && c != 0x7F) {
      out += static_cast<char>(c);
    } else {
      constexpr absl::string_view kEscaped = "\a\b\f\n\r\t\v";
      const size_t index = kEscaped.find(static_cast<char>(c));
      if (index != absl::string_view::npos) {
        out += '\\';
        out += "abfnrtv"[index];
      } else {
        absl::StrAppendFormat(&out, "\\x%02x", c);
      }
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out + '"';
}

std::string GoFloat(double number, int bits) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Inf" : "+Inf";
  const Decimal decimal(number, bits);
  // 'g' without precision decides as with six digits.
  const bool scientific = decimal.digits != "0" && (decimal.exponent < -4 || decimal.exponent >= 6);
  return scientific ? decimal.Scientific() : decimal.Fixed();
}

}  // namespace sluice::value
