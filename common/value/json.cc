// SPDX-License-Identifier: Apache-2.0
#include "common/value/json.h"

#include <array>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/text/utf8.h"
#include "common/value/decimal.h"

namespace sluice::value {
namespace {

// What stands in a string as it is: ASCII but for quotes, backslashes, controls and HTML's
// characters.
constexpr std::array<bool, 256> OrdinaryTable() {
  std::array<bool, 256> table = {};
  for (size_t c = 0x20; c < 0x80; ++c) {
    table[c] = c != '"' && c != '\\' && c != '<' && c != '>' && c != '&';
  }
  return table;
}
constexpr std::array<bool, 256> kOrdinary = OrdinaryTable();

void AppendAscii(char c, bool escape_html, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  char letter = 0;
  switch (c) {
    case '"':
    case '\\':
      letter = c;
      break;
    case '\b':
      letter = 'b';
      break;
    case '\f':
      letter = 'f';
      break;
    case '\n':
      letter = 'n';
      break;
    case '\r':
      letter = 'r';
      break;
    case '\t':
      letter = 't';
      break;
    default:
      break;
  }
  if (letter != 0) {
    out += '\\';
    out += letter;
  } else if (c >= 0x20 && !escape_html) {
    out += c;
  } else {
    out += "\\u00";
    out += kHex[c >> 4];
    out += kHex[c & 15];
  }
}

}  // namespace

void AppendJsonString(absl::string_view text, bool escape_html, std::string& out) {
  out += '"';
  while (!text.empty()) {
    size_t run = 0;
    while (run < text.size() && kOrdinary[static_cast<unsigned char>(text[run])]) ++run;
    out.append(text.data(), run);
    text.remove_prefix(run);
    if (text.empty()) break;
    if (static_cast<unsigned char>(text[0]) < 0x80) {
      AppendAscii(text[0], escape_html, out);
      text.remove_prefix(1);
      continue;
    }
    const text::Decoded decoded = text::DecodeFirst(text);
    if (!decoded.valid) {
      out += "\\ufffd";
    } else if (decoded.character == 0x2028 || decoded.character == 0x2029) {
      out += decoded.character == 0x2028 ? "\\u2028" : "\\u2029";
    } else {
      out.append(text.data(), decoded.size);
    }
    text.remove_prefix(decoded.size);
  }
  out += '"';
}

namespace {

class Writer {
 public:
  Writer(const JsonStyle& style, std::string& out) : style_(style), out_(out) {}

  void Write(const Value& value) {
    switch (value.kind()) {
      case Value::Kind::kNull:
        out_ += "null";
        break;
      case Value::Kind::kBool:
        out_ += value.bool_or(false) ? "true" : "false";
        break;
      case Value::Kind::kInt:
        absl::StrAppend(&out_, value.int_or(0));
        break;
      case Value::Kind::kUint:
        absl::StrAppend(&out_, value.uint_or(0));
        break;
      case Value::Kind::kDouble:
        out_ += FormatJsonDouble(value.double_or(0));
        break;
      case Value::Kind::kString:
        AppendJsonString(value.str(), style_.escape_html, out_);
        break;
      case Value::Kind::kArray: {
        Open('[');
        for (const Value& item : value.items()) {
          Separate();
          Write(item);
        }
        Close(']', value.empty());
        break;
      }
      case Value::Kind::kObject: {
        Open('{');
        for (const Member& member : value.members()) {
          Separate();
          AppendJsonString(member.key, style_.escape_html, out_);
          out_ += style_.indent > 0 ? ": " : ":";
          Write(member.value);
        }
        Close('}', value.empty());
        break;
      }
    }
  }

 private:
  void Open(char bracket) {
    out_ += bracket;
    ++depth_;
    first_ = true;
  }
  void Separate() {
    if (!first_) out_ += ',';
    first_ = false;
    NewLine();
  }
  void Close(char bracket, bool empty) {
    --depth_;
    if (!empty) NewLine();
    out_ += bracket;
    first_ = false;
  }
  void NewLine() {
    if (style_.indent == 0) return;
    out_ += '\n';
    out_.append(static_cast<size_t>(style_.indent) * depth_, ' ');
  }

  const JsonStyle& style_;
  std::string& out_;
  size_t depth_ = 0;
  bool first_ = true;
};

}  // namespace

std::string FormatJson(const Value& value, const JsonStyle& style) {
  std::string out;
  Writer(style, out).Write(value);
  return out;
}

std::string FormatJsonDouble(double number) {
  // encoding/json: %f between 1e-6 and 1e21, else %e with the exponent's leading zero dropped.
  const Decimal decimal(number, 64);
  const bool zero = decimal.digits == "0";
  if (zero || (decimal.exponent >= -6 && decimal.exponent < 21)) return decimal.Fixed();
  std::string text = decimal.Scientific();
  if (text[text.size() - 3] == '-' && text[text.size() - 2] == '0') text.erase(text.size() - 2, 1);
  return text;
}

Value NumberFromDouble(double number) {
  constexpr double kMinInt = -9223372036854775808.0;
  constexpr double kUintEnd = 18446744073709551616.0;
  if (number != std::floor(number) || number < kMinInt || number >= kUintEnd) return number;
  if (number == 0 && std::signbit(number)) return number;
  constexpr double kExact = 9007199254740992.0;  // 2^53: above, JSON has Go's digits
  if (std::fabs(number) <= kExact) return static_cast<int64_t>(number);
  const std::string text = FormatJsonDouble(number);
  int64_t integer;
  if (absl::SimpleAtoi(text, &integer)) return integer;
  uint64_t large;
  if (absl::SimpleAtoi(text, &large)) return large;
  return number;
}

}  // namespace sluice::value
