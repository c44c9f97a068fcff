// SPDX-License-Identifier: Apache-2.0
#include "common/value/go_syntax.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/text/quote.h"
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
      out += text::Quote(value.str());
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
        absl::StrAppend(&out, separator, text::Quote(member.key), ":");
        Append(member.value, map_type, true, out);
        separator = ", ";
      }
      out += '}';
      break;
    }
  }
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

std::string GoFloat(double number, int bits) {
  if (bits == 32) number = static_cast<float>(number);
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Inf" : "+Inf";
  const Decimal decimal(number, bits);
  // 'g' without precision decides as with six digits.
  const bool scientific = decimal.digits != "0" && (decimal.exponent < -4 || decimal.exponent >= 6);
  return scientific ? decimal.Scientific() : decimal.Fixed();
}

}  // namespace sluice::value
