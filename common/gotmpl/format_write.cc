// The scalars of format_printer.h in their forms, flags and widths.

// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/gotmpl/format_printer.h"
#include "common/gotmpl/number_format.h"
#include "common/text/quote.h"
#include "common/text/unicode.h"
#include "common/text/utf8.h"

namespace sluice::gotmpl {
namespace {

size_t CountCharacters(absl::string_view text) {
  size_t count = 0;
  for (; !text.empty(); ++count) text.remove_prefix(text::DecodeFirst(text).size);
  return count;
}

// The digits of a number, its exponent apart, after %# gave it a decimal point and the zeros that
// %g drops.
std::string WithPoint(absl::string_view number, char form, int precision) {
  size_t wanted = 0;
  if (form == 'g' || form == 'G' || form == 'x') {
    wanted = static_cast<size_t>(precision == -1 ? 6 : precision);
  }
  const bool hex = form == 'x' || form == 'X';
  const size_t tail = number.find_first_of(hex ? "pP" : "eE");
  std::string digits(number.substr(0, tail));
  bool point = false;
  size_t significant = 0;
  for (const char c : digits) {
    if (c == '.') {
      point = true;
    } else if (c != '0' || significant > 0) {
      ++significant;
    }
  }
  if (!point) {
    if (digits == "0" && wanted > 0) --wanted;
    digits += '.';
  }
  if (wanted > significant) digits.append(wanted - significant, '0');
  if (tail != absl::string_view::npos) absl::StrAppend(&digits, number.substr(tail));
  return digits;
}

}  // namespace

void FormatPrinter::Separate() { Append(flags_.sharp_v ? ", " : " "); }

void FormatPrinter::Fill(size_t count, char with) {
  if (count > 0) Append(std::string(count, with));
}

void FormatPrinter::Pad(absl::string_view text, bool plain) {
  const size_t size = flags_.width.value_or(0) == 0 ? 0 : CountCharacters(text);
  const size_t width = flags_.width.value_or(0);
  const size_t missing = width > size ? width - size : 0;
  if (flags_.minus) {
    Append(text);
    Fill(missing, ' ');
  } else {
    Fill(missing, flags_.zero && !plain ? '0' : ' ');
    Append(text);
  }
}

absl::string_view FormatPrinter::Truncated(absl::string_view text) const {
  if (!flags_.precision) return text;
  size_t end = 0;
  for (size_t i = 0; i < *flags_.precision && end < text.size(); ++i) {
    end += text::DecodeFirst(text.substr(end)).size;
  }
  return text.substr(0, end);
}

void FormatPrinter::WriteInteger(uint64_t magnitude, bool negative, int base, char32_t verb) {
  size_t precision = flags_.precision.value_or(0);
  const bool sign = negative || flags_.plus || flags_.space;
  if (flags_.precision) {
    if (precision == 0 && magnitude == 0) return Fill(flags_.width.value_or(0), ' ');
  } else if (flags_.zero && !flags_.minus && flags_.width) {
    precision = *flags_.width > 0 && sign ? *flags_.width - 1 : *flags_.width;
  }
  const bool upper_case = verb == 'X';
  std::string digits = FormatUint(magnitude, base, upper_case);
  if (precision > digits.size()) digits.insert(0, precision - digits.size(), '0');
  if (flags_.sharp) {
    if (base == 2) digits.insert(0, "0b");
    if (base == 8 && digits[0] != '0') digits.insert(0, "0");
    if (base == 16) digits.insert(0, upper_case ? "0X" : "0x");
  }
  if (verb == 'O') digits.insert(0, "0o");
  if (sign) digits.insert(0, negative ? "-" : flags_.plus ? "+" : " ");
  Pad(digits, /*plain=*/true);
}

void FormatPrinter::WriteUnicode(uint64_t code) {
  std::string digits = FormatUint(code, 16, /*upper_case=*/true);
  const size_t precision = std::max<size_t>(flags_.precision.value_or(0), 4);
  if (digits.size() < precision) digits.insert(0, precision - digits.size(), '0');
  std::string text = absl::StrCat("U+", digits);
  if (flags_.sharp && code <= 0x10FFFF && text::IsPrintable(static_cast<char32_t>(code))) {
    text += " '";
    text::AppendCharacter(static_cast<char32_t>(code), text);
    text += "'";
  }
  Pad(text, /*plain=*/true);
}

void FormatPrinter::WriteCharacter(uint64_t code, bool quoted) {
  std::string text;
  text::AppendCharacter(code > 0x10FFFF ? text::kReplacement : static_cast<char32_t>(code), text);
  Pad(quoted ? text::QuoteWith(text, '\'', flags_.plus) : text);
}

void FormatPrinter::WriteFloat(double number, char form, int precision, int bits) {
  if (flags_.precision) precision = static_cast<int>(*flags_.precision);
  std::string digits = FormatFloat(number, form, precision, bits);
  char sign = '+';
  if (digits[0] == '-' || digits[0] == '+') {
    sign = digits[0];
    digits.erase(0, 1);
  }
  if (flags_.space && sign == '+' && !flags_.plus) sign = ' ';
  const bool show_sign = flags_.plus || sign != '+';
  if (std::isnan(number) || std::isinf(number)) {
    const bool signed_text = std::isinf(number) || flags_.space || flags_.plus;
    return Pad(signed_text ? sign + digits : digits, /*plain=*/true);
  }
  if (flags_.sharp && form != 'b') digits = WithPoint(digits, form, precision);
  if (!show_sign) return Pad(digits);
  const size_t size = digits.size() + 1;
  const size_t width = flags_.width.value_or(0);
  if (flags_.zero && !flags_.minus && width > size) {
    Append(std::string(1, sign));
    Fill(width - size, '0');
    return Append(digits);
  }
  Pad(sign + digits);
}

void FormatPrinter::WriteHex(absl::string_view bytes, bool upper_case) {
  if (flags_.precision) bytes = bytes.substr(0, *flags_.precision);
  const absl::string_view digits = upper_case ? "0123456789ABCDEF" : "0123456789abcdef";
  const absl::string_view prefix = !flags_.sharp ? "" : upper_case ? "0X" : "0x";
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (flags_.space && i > 0) text += ' ';
    if (i == 0 || flags_.space) absl::StrAppend(&text, prefix);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  Pad(text);
}

void FormatPrinter::WriteQuoted(absl::string_view text) {
  text = Truncated(text);
  // %#v quotes with double quotes; only %#q prefers backquotes.
  if (flags_.sharp && text::CanBackquote(text)) return Pad(absl::StrCat("`", text, "`"));
  Pad(text::QuoteWith(text, '"', flags_.plus));
}

void FormatPrinter::WriteByte(uint8_t byte) {
  const bool sharp = std::exchange(flags_.sharp, true);
  WriteInteger(byte, false, 16, 'v');
  flags_.sharp = sharp;
}

}  // namespace sluice::gotmpl
