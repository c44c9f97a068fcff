// SPDX-License-Identifier: Apache-2.0
#include "common/cel/print.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/duration.h"
#include "common/text/quote.h"

namespace sluice::cel {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;
// From 1e21 on %v writes an exponent.
constexpr int kPlainExponent = 21;

std::string DescribeDouble(double number) {
  const std::string text = FormatDouble(number);
  return text.find_first_of(".eIN") == std::string::npos ? text + ".0" : text;
}

}  // namespace

std::string FormatDouble(double number, int exponent_from) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number < 0 ? "-Inf" : "+Inf";
  if (number == 0) return std::signbit(number) ? "-0" : "0";
  // The shortest digits that read back as the same number: d.dddde±x.
  char buffer[40];
  const auto [end, error] =
      std::to_chars(buffer, buffer + sizeof(buffer), number, std::chars_format::scientific);
  const absl::string_view text(buffer, static_cast<size_t>(end - buffer));
  const size_t e = text.find('e');
  const int exponent = std::atoi(std::string(text.substr(e + 1)).c_str());
  if (exponent < -4 || exponent >= exponent_from) {
    return absl::StrFormat("%s%s%02d", text.substr(0, e), exponent < 0 ? "e-" : "e+",
                           std::abs(exponent));
  }
  const auto [fixed_end, fixed_error] =
      std::to_chars(buffer, buffer + sizeof(buffer), number, std::chars_format::fixed);
  return std::string(buffer, fixed_end);
}

std::string FormatTimestamp(Timestamp time) {
  const absl::CivilSecond local =
      absl::ToCivilSecond(absl::FromUnixSeconds(time.seconds + time.offset), absl::UTCTimeZone());
  std::string text = absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d", local.year(), local.month(),
                                     local.day(), local.hour(), local.minute(), local.second());
  if (time.nanos != 0) {
    std::string fraction = absl::StrFormat(".%09d", time.nanos);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += fraction;
  }
  if (time.offset == 0) return text + "Z";
  const int minutes = std::abs(time.offset) / 60;
  absl::StrAppendFormat(&text, "%c%02d:%02d", time.offset < 0 ? '-' : '+', minutes / 60,
                        minutes % 60);
  return text;
}

std::string FormatSeconds(int64_t nanoseconds) {
  const bool negative = nanoseconds < 0;
  const uint64_t magnitude =
      negative ? 0 - static_cast<uint64_t>(nanoseconds) : static_cast<uint64_t>(nanoseconds);
  std::string text = absl::StrCat(negative ? "-" : "", magnitude / kNanosPerSecond);
  if (const uint64_t rest = magnitude % kNanosPerSecond; rest != 0) {
    std::string fraction = absl::StrFormat(".%09d", rest);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += fraction;
  }
  return text + "s";
}

absl::string_view ReferenceTypeName(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return "types.Null";
    case Kind::kBool:
      return "types.Bool";
    case Kind::kInt:
      return "types.Int";
    case Kind::kUint:
      return "types.Uint";
    case Kind::kDouble:
      return "types.Double";
    case Kind::kString:
      return "types.String";
    case Kind::kBytes:
      return "types.Bytes";
    case Kind::kTimestamp:
      return "types.Timestamp";
    case Kind::kDuration:
      return "types.Duration";
    case Kind::kType:
      return "*types.Type";
    case Kind::kOptional:
      return "*types.Optional";
    default:
      return value.type_name();
  }
}

std::string Print(const Value& value) {
  switch (value.kind()) {
    case Kind::kNull:
      return "<nil>";
    case Kind::kBool:
      return value.boolean() ? "true" : "false";
    case Kind::kInt:
      return absl::StrCat(value.integer());
    case Kind::kUint:
      return absl::StrCat(value.unsigned_integer());
    case Kind::kDouble:
      return FormatDouble(value.floating(), kPlainExponent);
    case Kind::kString:
    case Kind::kBytes:
    case Kind::kType:
    case Kind::kError:
      return std::string(value.text());
    case Kind::kTimestamp:
      return FormatTimestamp(value.timestamp());
    case Kind::kDuration:
      return FormatGoDuration(absl::Nanoseconds(value.integer()));
    case Kind::kOpaque:
      return value.opaque().ToString();
    default:
      return std::string(value.type_name());
  }
}

std::string Describe(const Value& value, Arena& arena) {
  switch (value.kind()) {
    case Kind::kNull:
      return "null";
    case Kind::kUint:
      return absl::StrCat(value.unsigned_integer(), "u");
    case Kind::kDouble:
      return DescribeDouble(value.floating());
    case Kind::kString:
      return text::Quote(value.text());
    case Kind::kBytes:
      return absl::StrCat("b", absl::BytesToHexString(value.text()));
    case Kind::kTimestamp:
      return absl::StrCat("timestamp(",
                          FormatTimestamp({value.timestamp().seconds, value.timestamp().nanos, 0}),
                          ")");
    case Kind::kDuration:
      return absl::StrCat("duration(", value.integer(), ")");
    case Kind::kType:
      return absl::StrCat("type(", value.text(), ")");
    case Kind::kOptional:
      if (value.optional() == nullptr) return "optional.none()";
      return absl::StrCat("optional.of(", Describe(*value.optional(), arena), ")");
    case Kind::kList: {
      std::vector<std::string> parts;
      for (size_t i = 0; i < Size(value); ++i) {
        parts.push_back(Describe(ElementAt(value, i, arena), arena));
      }
      return absl::StrCat("[", absl::StrJoin(parts, ", "), "]");
    }
    case Kind::kMap: {
      std::vector<std::string> parts;
      for (size_t i = 0; i < KeyCount(value); ++i) {
        parts.push_back(absl::StrCat(Describe(KeyAt(value, i, arena), arena), ": ",
                                     Describe(ValueAt(value, i, arena), arena)));
      }
      std::sort(parts.begin(), parts.end());
      return absl::StrCat("{", absl::StrJoin(parts, ", "), "}");
    }
    case Kind::kOpaque: {
      const std::string name(value.opaque().type_name());
      std::string kind = name.substr(name.find('.') + 1);
      std::transform(kind.begin(), kind.end(), kind.begin(),
                     [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; });
      return absl::StrCat(kind, "(", value.opaque().ToString(), ")");
    }
    default:
      return Print(value);
  }
}

}  // namespace sluice::cel
