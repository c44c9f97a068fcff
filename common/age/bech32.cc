// SPDX-License-Identifier: Apache-2.0
#include "common/age/bech32.h"

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"

namespace sluice::age {
namespace {

constexpr absl::string_view kDigits = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr size_t kChecksumDigits = 6;
constexpr size_t kMaxText = 4096;

using Groups = std::vector<uint8_t>;  // of five bits

absl::Status Malformed(absl::string_view why) { return absl::InvalidArgumentError(why); }

uint32_t Checksum(absl::string_view prefix, const Groups& groups) {
  constexpr std::array<uint32_t, 5> kGenerator = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                                  0x2a1462b3};
  uint32_t sum = 1;
  const auto add = [&](uint8_t group) {
    const uint32_t top = sum >> 25;
    sum = (sum & 0x1ffffff) << 5 ^ group;
    for (size_t i = 0; i < kGenerator.size(); ++i) {
      if ((top >> i & 1) != 0) sum ^= kGenerator[i];
    }
  };
  for (const char c : prefix) add(static_cast<uint8_t>(static_cast<uint8_t>(c) >> 5));
  add(0);
  for (const char c : prefix) add(static_cast<uint8_t>(c & 31));
  for (const uint8_t group : groups) add(group);
  return sum;
}

bool Printable(absl::string_view text) {
  for (const char c : text) {
    if (c < 33 || c > 126) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<Bech32> DecodeBech32(absl::string_view text) {
  const std::string lower = absl::AsciiStrToLower(text);
  if (lower != text && absl::AsciiStrToUpper(text) != text) return Malformed("mixed case");
  const size_t separator = lower.rfind('1');
  if (text.size() > kMaxText || separator == std::string::npos || separator == 0 ||
      separator + 1 + kChecksumDigits > text.size()) {
    return Malformed("separator '1' at invalid position");
  }
  if (!Printable(text)) return Malformed("invalid character");
  Groups groups;
  for (const char c : lower.substr(separator + 1)) {
    const size_t digit = kDigits.find(c);
    if (digit == absl::string_view::npos) return Malformed("invalid character in the data part");
    groups.push_back(static_cast<uint8_t>(digit));
  }
  if (Checksum(lower.substr(0, separator), groups) != 1) return Malformed("invalid checksum");
  groups.resize(groups.size() - kChecksumDigits);
  Bech32 result{std::string(text.substr(0, separator)), ""};
  uint32_t pending = 0;
  size_t bits = 0;
  for (const uint8_t group : groups) {
    pending = (pending << 5 | group) & 0xFFF;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      result.bytes += static_cast<char>(pending >> bits & 0xFF);
    }
  }
  if (bits >= 5 || (pending & ((1U << bits) - 1)) != 0) return Malformed("invalid padding");
  return result;
}

std::string EncodeBech32(absl::string_view prefix, absl::string_view bytes) {
  const std::string lower = absl::AsciiStrToLower(prefix);
  Groups groups;
  uint32_t pending = 0;
  size_t bits = 0;
  for (const char byte : bytes) {
    pending = (pending << 8 | static_cast<uint8_t>(byte)) & 0xFFFF;
    for (bits += 8; bits >= 5; bits -= 5) {
      groups.push_back(static_cast<uint8_t>(pending >> (bits - 5) & 31));
    }
  }
  if (bits > 0) groups.push_back(static_cast<uint8_t>(pending << (5 - bits) & 31));
  Groups with_room = groups;
  with_room.resize(groups.size() + kChecksumDigits);
  const uint32_t sum = Checksum(lower, with_room) ^ 1;
  for (size_t i = 0; i < kChecksumDigits; ++i) {
    groups.push_back(static_cast<uint8_t>(sum >> 5 * (kChecksumDigits - 1 - i) & 31));
  }
  std::string text = lower + "1";
  for (const uint8_t group : groups) text += kDigits[group];
  return lower == prefix ? text : absl::AsciiStrToUpper(text);
}

}  // namespace sluice::age
