// Reading JSON as Go's encoding/json does, faults of the text included that it forgives: lone
// surrogates in escapes and bytes that are not UTF-8 become U+FFFD.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/text/utf8.h"
#include "common/value/json.h"
#include "common/value/utf8.h"

namespace sluice::value {
namespace {

// What a string is read past without a look: all but quotes, backslashes, controls and non-ASCII.
constexpr std::array<bool, 256> OrdinaryTable() {
  std::array<bool, 256> table = {};
  for (size_t c = 0x20; c < 0x80; ++c) table[c] = c != '"' && c != '\\';
  return table;
}
constexpr std::array<bool, 256> kOrdinary = OrdinaryTable();

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

class Parser {
 public:
  explicit Parser(absl::string_view text)
      : begin_(text.data()), p_(begin_), end_(begin_ + text.size()) {}

  absl::StatusOr<Value> Run() {
    Value value;
    SkipBlanks();
    if (!Node(value, 0)) return Error();
    SkipBlanks();
    if (p_ != end_) {
      Fail("more text after the value");
      return Error();
    }
    return value;
  }

 private:
  bool Fail(const char* problem) {
    problem_ = problem;
    return false;
  }

  absl::Status Error() const {
    const absl::string_view before(begin_, static_cast<size_t>(p_ - begin_));
    const size_t line_begin = before.rfind('\n');
    const size_t column =
        line_begin == absl::string_view::npos ? before.size() : before.size() - line_begin - 1;
    return absl::InvalidArgumentError(
        absl::StrCat("invalid JSON: line ", 1 + std::count(before.begin(), before.end(), '\n'),
                     ", column ", column + 1, ": ", p_ == end_ ? "unexpected end" : problem_));
  }

  bool At(char c) const { return p_ != end_ && *p_ == c; }
  bool Take(char c) {
    if (!At(c)) return false;
    ++p_;
    return true;
  }
  void SkipBlanks() {
    while (p_ != end_ && (*p_ == ' ' || *p_ == '\n' || *p_ == '\r' || *p_ == '\t')) ++p_;
  }

  bool Node(Value& value, size_t depth) {
    if (p_ == end_) return Fail("unexpected end");
    switch (*p_) {
      case '{':
        return Object(value, depth);
      case '[':
        return Array(value, depth);
      case '"': {
        absl::string_view text;
        if (!String(text)) return false;
        value = text;
        return true;
      }
      case 't':
        value = true;
        return Word("true");
      case 'f':
        value = false;
        return Word("false");
      case 'n':
        return Word("null");
      default:
        return Number(value);
    }
  }

  bool Word(absl::string_view word) {
    if (absl::string_view(p_, static_cast<size_t>(end_ - p_)).substr(0, word.size()) != word) {
      return Fail("not a value");
    }
    p_ += word.size();
    return true;
  }

  bool Deeper(size_t depth) {
    static_assert(kMaxDepth == 500);
    return depth < kMaxDepth || Fail("nested deeper than 500 levels");
  }

  bool Array(Value& value, size_t depth) {
    if (!Deeper(depth)) return false;
    ++p_;
    const size_t first = items_.size();
    SkipBlanks();
    if (!At(']')) {
      do {
        SkipBlanks();
        Value item;
        if (!Node(item, depth + 1)) return false;
        items_.push_back(std::move(item));
        SkipBlanks();
      } while (Take(','));
    }
    if (!Take(']')) return Fail("expected ',' or ']'");
    const auto begin = items_.begin() + static_cast<std::ptrdiff_t>(first);
    value =
        Value(Value::Array(std::make_move_iterator(begin), std::make_move_iterator(items_.end())));
    items_.erase(begin, items_.end());
    return true;
  }

  bool Object(Value& value, size_t depth) {
    if (!Deeper(depth)) return false;
    ++p_;
    const size_t first = members_.size();
    SkipBlanks();
    if (!At('}')) {
      do {
        SkipBlanks();
        if (!At('"')) return Fail("expected a key");
        absl::string_view key;
        if (!String(key)) return false;
        Member member{std::string(key), Value()};
        SkipBlanks();
        if (!Take(':')) return Fail("expected ':'");
        SkipBlanks();
        if (!Node(member.value, depth + 1)) return false;
        members_.push_back(std::move(member));
        SkipBlanks();
      } while (Take(','));
    }
    if (!Take('}')) return Fail("expected ',' or '}'");
    const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(first);
    value = Value::FromMembers(
        Value::Object(std::make_move_iterator(begin), std::make_move_iterator(members_.end())));
    members_.erase(begin, members_.end());
    return true;
  }

  // The text is valid until the next string is read.
  bool String(absl::string_view& text) {
    const char* const first = ++p_;
    while (p_ != end_ && kOrdinary[static_cast<unsigned char>(*p_)]) ++p_;
    if (At('"')) {
      text = absl::string_view(first, static_cast<size_t>(p_ - first));
      ++p_;
      return true;
    }
    scratch_.assign(first, p_);
    while (p_ != end_ && *p_ != '"') {
      const auto c = static_cast<unsigned char>(*p_);
      if (kOrdinary[c]) {
        scratch_ += *p_++;
      } else if (c == '\\') {
        if (!Escape()) return false;
      } else if (c < 0x20) {
        return Fail("control character in a string");
      } else {
        const text::Decoded decoded =
            text::DecodeFirst(absl::string_view(p_, static_cast<size_t>(end_ - p_)));
        text::AppendCharacter(decoded.character, scratch_);
        p_ += decoded.size;
      }
    }
    if (!Take('"')) return Fail("unexpected end");
    text = scratch_;
    return true;
  }

  bool Escape() {
    ++p_;
    if (p_ == end_) return Fail("unexpected end");
    switch (*p_++) {
      case '"':
        scratch_ += '"';
        return true;
      case '\\':
        scratch_ += '\\';
        return true;
      case '/':
        scratch_ += '/';
        return true;
      case 'b':
        scratch_ += '\b';
        return true;
      case 'f':
        scratch_ += '\f';
        return true;
      case 'n':
        scratch_ += '\n';
        return true;
      case 'r':
        scratch_ += '\r';
        return true;
      case 't':
        scratch_ += '\t';
        return true;
      case 'u':
        break;
      default:
        --p_;
        return Fail("unknown escape");
    }
    const std::optional<uint32_t> unit = Hex4();
    if (!unit.has_value()) return Fail("expected four hexadecimal digits");
    char32_t character = *unit;
    if (*unit >= 0xD800 && *unit < 0xE000) {
      character = text::kReplacement;
      const char* const after = p_;
      if (*unit < 0xDC00 && Take('\\') && Take('u')) {
        const std::optional<uint32_t> low = Hex4();
        if (low.has_value() && *low >= 0xDC00 && *low < 0xE000) {
          character = 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
        }
      }
      if (character == text::kReplacement) p_ = after;
    }
    text::AppendCharacter(character, scratch_);
    return true;
  }

  std::optional<uint32_t> Hex4() {
    uint32_t unit = 0;
    if (end_ - p_ < 4) return std::nullopt;
    const auto [stop, error] = std::from_chars(p_, p_ + 4, unit, 16);
    if (stop != p_ + 4 || error != std::errc() || *p_ == '-') return std::nullopt;
    p_ += 4;
    return unit;
  }

  bool Number(Value& value) {
    const char* const first = p_;
    const bool negative = Take('-');
    const char* const digits = p_;
    if (!Take('0')) {
      while (p_ != end_ && IsDigit(*p_)) ++p_;
    }
    if (p_ == digits) return Fail("not a value");
    bool whole = true;
    if (Take('.')) {
      whole = false;
      const char* const fraction = p_;
      while (p_ != end_ && IsDigit(*p_)) ++p_;
      if (p_ == fraction) return Fail("expected a digit");
    }
    if (At('e') || At('E')) {
      whole = false;
      ++p_;
      if (!Take('+')) Take('-');
      const char* const exponent = p_;
      while (p_ != end_ && IsDigit(*p_)) ++p_;
      if (p_ == exponent) return Fail("expected a digit");
    }
    if (whole && Whole(first, digits, negative, value)) return true;
    double number = 0;
    if (std::from_chars(first, p_, number).ec == std::errc::result_out_of_range) {
      // Too small is 0, too large an error.
      number = std::strtod(std::string(first, p_).c_str(), nullptr);
      if (number > 1 || number < -1) {
        p_ = first;
        return Fail("number out of range");
      }
    }
    value = number;
    return true;
  }

  // False if it needs a double: what does not fit 64 bits, and -0.
  bool Whole(const char* first, const char* digits, bool negative, Value& value) const {
    if (negative) {
      int64_t number = 0;
      if (std::from_chars(first, p_, number).ec != std::errc() || number == 0) return false;
      value = number;
    } else {
      uint64_t number = 0;
      if (std::from_chars(digits, p_, number).ec != std::errc()) return false;
      value = number;
    }
    return true;
  }

  const char* const begin_;
  const char* p_;
  const char* const end_;
  const char* problem_ = "";
  std::string scratch_;
  // The children of the collections that are open, so that each is allocated once.
  Value::Array items_;
  Value::Object members_;
};

}  // namespace

absl::StatusOr<Value> ParseJson(absl::string_view text) { return Parser(text).Run(); }

}  // namespace sluice::value
