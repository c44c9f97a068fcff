// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/quantity.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace sluice::devapi {
namespace {

enum class Format { kDecimalSi, kBinarySi, kExponent };

struct Suffix {
  absl::string_view text;
  Format format;
  int exponent;  // of 10, or of 2
};
constexpr Suffix kSuffixes[] = {
    {"n", Format::kDecimalSi, -9}, {"u", Format::kDecimalSi, -6}, {"m", Format::kDecimalSi, -3},
    {"", Format::kDecimalSi, 0},   {"k", Format::kDecimalSi, 3},  {"M", Format::kDecimalSi, 6},
    {"G", Format::kDecimalSi, 9},  {"T", Format::kDecimalSi, 12}, {"P", Format::kDecimalSi, 15},
    {"E", Format::kDecimalSi, 18}, {"Ki", Format::kBinarySi, 10}, {"Mi", Format::kBinarySi, 20},
    {"Gi", Format::kBinarySi, 30}, {"Ti", Format::kBinarySi, 40}, {"Pi", Format::kBinarySi, 50},
    {"Ei", Format::kBinarySi, 60}};

constexpr absl::int128 kNano = 1'000'000'000;

struct Amount {
  absl::int128 nano = 0;
  Format format = Format::kDecimalSi;
};

std::optional<Suffix> FindSuffix(absl::string_view text) {
  for (const Suffix& suffix : kSuffixes) {
    if (suffix.text == text) return suffix;
  }
  int exponent = 0;
  if (text.size() > 1 && (text[0] == 'e' || text[0] == 'E') &&
      absl::SimpleAtoi(text.substr(1), &exponent)) {
    // Beyond these all is too large, or nothing; and there are as many rounds below.
    return Suffix{"", Format::kExponent, std::clamp(exponent, -1000, 1000)};
  }
  return std::nullopt;
}

std::optional<Amount> Parse(absl::string_view text) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  if (!negative) absl::ConsumePrefix(&text, "+");
  absl::uint128 digits = 0;
  int places = 0;  // after the point
  bool point = false;
  size_t length = 0;
  size_t seen = 0;
  bool inexact = false;
  for (; length < text.size(); ++length) {
    const char c = text[length];
    if (c == '.' && !point) {
      point = true;
    } else if (absl::ascii_isdigit(static_cast<unsigned char>(c))) {
      ++seen;
      if (seen > 30) {  // beyond what any amount needs
        if (!point) return std::nullopt;
        inexact = inexact || c != '0';
        continue;
      }
      digits = digits * 10 + static_cast<unsigned>(c - '0');
      places += point ? 1 : 0;
    } else {
      break;
    }
  }
  const std::optional<Suffix> suffix = FindSuffix(text.substr(length));
  if (!suffix.has_value()) return std::nullopt;
  // A suffix without a number is 0; nothing at all is an error.
  if (seen == 0 && suffix->text.empty()) return std::nullopt;

  // digits * 10^-places * (10 or 2)^exponent, in units of 10^-9, rounded up.
  absl::uint128 amount = digits;
  int tens = 9 - places;
  if (suffix->format == Format::kBinarySi) {
    for (int i = 0; i < suffix->exponent; i += 10) {
      if ((amount >> 117) != 0) return std::nullopt;
      amount <<= 10;
    }
  } else {
    tens += suffix->exponent;
  }
  for (; tens > 0 && amount != 0; --tens) {
    if ((amount >> 123) != 0) return std::nullopt;
    amount *= 10;
  }
  for (; tens < 0; ++tens) {
    inexact = inexact || amount % 10 != 0;
    amount /= 10;
  }
  if (inexact) ++amount;
  Amount result;
  result.nano = negative ? -static_cast<absl::int128>(amount) : static_cast<absl::int128>(amount);
  result.format = suffix->format;
  return result;
}

std::string Digits(absl::int128 number) {
  if (number == 0) return "0";
  std::string text;
  const bool negative = number < 0;
  for (absl::int128 rest = negative ? -number : number; rest != 0; rest /= 10) {
    text += static_cast<char>('0' + static_cast<int>(rest % 10));
  }
  if (negative) text += '-';
  return std::string(text.rbegin(), text.rend());
}

std::string FormatBinary(absl::int128 units) {
  int exponent = 0;
  while (units != 0 && units % 1024 == 0 && exponent < 60) {
    units /= 1024;
    exponent += 10;
  }
  const auto suffix =
      std::find_if(std::begin(kSuffixes), std::end(kSuffixes), [&](const Suffix& s) {
        return s.exponent == exponent && (exponent == 0 || s.format == Format::kBinarySi);
      });
  return absl::StrCat(Digits(units), suffix->text);
}

std::string FormatDecimal(absl::int128 nano, Format format) {
  if (nano == 0) return "0";
  int exponent = -9;
  while (nano % 1000 == 0 && (exponent < 18 || format == Format::kExponent)) {
    nano /= 1000;
    exponent += 3;
  }
  if (format == Format::kExponent) {
    return exponent == 0 ? Digits(nano) : absl::StrCat(Digits(nano), "e", exponent);
  }
  const auto suffix = std::find_if(
      std::begin(kSuffixes), std::end(kSuffixes),
      [&](const Suffix& s) { return s.format == Format::kDecimalSi && s.exponent == exponent; });
  return absl::StrCat(Digits(nano), suffix->text);
}

}  // namespace

absl::StatusOr<std::string> CanonicalQuantity(absl::string_view text) {
  const std::optional<Amount> amount = Parse(absl::StripAsciiWhitespace(text));
  if (!amount.has_value()) {
    return absl::InvalidArgumentError(
        "quantities must match the regular expression "
        "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
  }
  const absl::int128 kilo = 1024 * kNano;
  if (amount->format == Format::kBinarySi) {
    // Small amounts and those that are not whole are written in decimals.
    const bool small = amount->nano < kilo && amount->nano > -kilo;
    if (small || amount->nano % kNano != 0) return FormatDecimal(amount->nano, Format::kDecimalSi);
    return FormatBinary(amount->nano / kNano);
  }
  std::string canonical = FormatDecimal(amount->nano, amount->format);
  // What differs in a sign, a point or the case of the exponent only stays as it is written.
  const absl::string_view written = absl::StripAsciiWhitespace(text);
  const absl::string_view bare = absl::StripSuffix(absl::StripPrefix(written, "+"), ".");
  return absl::EqualsIgnoreCase(bare, canonical) ? std::string(written) : canonical;
}

std::string RoundUpToMilli(absl::string_view text) {
  constexpr absl::int128 kMilli = 1'000'000;
  const std::optional<Amount> amount = Parse(text);
  if (!amount.has_value() || amount->nano <= 0 || amount->nano % kMilli == 0) {
    return std::string(text);
  }
  return FormatDecimal((amount->nano / kMilli + 1) * kMilli, Format::kDecimalSi);
}

int CompareQuantities(absl::string_view a, absl::string_view b) {
  const absl::int128 first = Parse(a).value_or(Amount()).nano;
  const absl::int128 second = Parse(b).value_or(Amount()).nano;
  return first < second ? -1 : first > second ? 1 : 0;
}

}  // namespace sluice::devapi
