// SPDX-License-Identifier: Apache-2.0
#include "common/sprig/base_encoding.h"

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace sluice::sprig {
namespace {

constexpr absl::string_view kDigits64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr absl::string_view kDigits32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

bool IsLineBreak(char c) { return c == '\n' || c == '\r'; }

absl::Status Illegal(int base, size_t position) {
  return absl::InvalidArgumentError(
      absl::StrCat("illegal base", base, " data at input byte ", position));
}

// Appends the whole bytes of `digits` digits of `bits` bits each, which `group` ends with.
void AppendBytes(uint64_t group, size_t digits, size_t bits, std::string& out) {
  const size_t bytes = digits * bits / 8;
  group >>= digits * bits - bytes * 8;
  for (size_t i = bytes; i-- > 0;) out += static_cast<char>(group >> (8 * i) & 0xFF);
}

// What follows the first "=", which stands at `at` behind `digits` digits of its group.
absl::Status CheckPadding64(absl::string_view text, size_t at, size_t digits) {
  const auto skip_breaks = [&](size_t from) {
    while (from < text.size() && IsLineBreak(text[from])) ++from;
    return from;
  };
  if (digits < 2) return Illegal(64, at);
  size_t next = skip_breaks(at + 1);
  if (digits == 2) {
    if (next == text.size()) return Illegal(64, next);
    if (text[next] != '=') return Illegal(64, next - 1);
    next = skip_breaks(next + 1);
  }
  return next == text.size() ? absl::OkStatus() : Illegal(64, next);
}

}  // namespace

std::string EncodeBase64(absl::string_view bytes) { return absl::Base64Escape(bytes); }

std::string EncodeBase32(absl::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 4) / 5 * 8);
  uint64_t pending = 0;
  size_t bits = 0;
  for (const char byte : bytes) {
    pending = (pending << 8 | static_cast<unsigned char>(byte)) & 0xFFFF;
    for (bits += 8; bits >= 5; bits -= 5) text += kDigits32[pending >> (bits - 5) & 31];
  }
  if (bits > 0) text += kDigits32[pending << (5 - bits) & 31];
  while (text.size() % 8 != 0) text += '=';
  return text;
}

absl::StatusOr<std::string> DecodeBase64(absl::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint64_t group = 0;
  size_t digits = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    if (IsLineBreak(text[at])) continue;
    if (text[at] == '=') {
      if (const absl::Status status = CheckPadding64(text, at, digits); !status.ok()) return status;
      AppendBytes(group, digits, 6, bytes);
      return bytes;
    }
    const size_t digit = kDigits64.find(text[at]);
    if (digit == absl::string_view::npos) return Illegal(64, at);
    group = group << 6 | digit;
    if (++digits < 4) continue;
    AppendBytes(group, digits, 6, bytes);
    group = 0;
    digits = 0;
  }
  if (digits > 0) return Illegal(64, text.size() - digits);
  return bytes;
}

absl::StatusOr<std::string> DecodeBase32(absl::string_view text) {
  std::string letters;
  letters.reserve(text.size());
  for (const char c : text) {
    if (!IsLineBreak(c)) letters += c;
  }
  std::string bytes;
  uint64_t group = 0;
  size_t digits = 0;
  for (size_t at = 0; at < letters.size(); ++at) {
    const size_t behind = letters.size() - at - 1;
    if (letters[at] == '=' && digits >= 2 && behind < 8) {
      if (behind + digits < 7) return Illegal(32, letters.size());
      for (size_t k = 1; k < 8 - digits; ++k) {
        if (letters[at + k] != '=') return Illegal(32, at + k - 1);
      }
      if (digits == 3 || digits == 6) return Illegal(32, at);
      AppendBytes(group, digits, 5, bytes);
      return bytes;
    }
    const size_t digit = kDigits32.find(letters[at]);
    if (digit == absl::string_view::npos) return Illegal(32, at);
    group = group << 5 | digit;
    if (++digits < 8) continue;
    AppendBytes(group, digits, 5, bytes);
    group = 0;
    digits = 0;
  }
  if (digits > 0) return Illegal(32, letters.size() - digits);
  return bytes;
}

}  // namespace sluice::sprig
