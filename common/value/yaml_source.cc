// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_source.h"

#include <array>
#include <cstdint>

#include "absl/strings/match.h"
#include "common/text/utf8.h"

namespace sluice::value {
namespace {

constexpr size_t kReadAhead = 512;
constexpr size_t kTerminator = 8;
constexpr size_t kMaxBytes = size_t{1} << 30;

constexpr std::array<bool, 256> AllowedAscii() {
  std::array<bool, 256> allowed = {};
  for (size_t c = 0x20; c < 0x7F; ++c) allowed[c] = true;
  allowed['\t'] = allowed['\n'] = allowed['\r'] = true;
  return allowed;
}
constexpr std::array<bool, 256> kAllowedAscii = AllowedAscii();

const char* CodePointProblem(uint32_t value) {
  const bool allowed = value == 0x09 || value == 0x0A || value == 0x0D ||
                       (value >= 0x20 && value <= 0x7E) || value == 0x85 ||
                       (value >= 0xA0 && value <= 0xD7FF) || (value >= 0xE000 && value <= 0xFFFD) ||
                       (value >= 0x10000 && value <= 0x10FFFF);
  return allowed ? nullptr : "control characters are not allowed";
}

// Checks the sequence at the start of `rest`, whose first byte is not ASCII.
const char* Utf8Problem(absl::string_view rest, size_t& width) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(rest[i]); };
  const unsigned char lead = byte(0);
  width = (lead & 0xE0) == 0xC0 ? 2 : (lead & 0xF0) == 0xE0 ? 3 : (lead & 0xF8) == 0xF0 ? 4 : 0;
  if (width == 0) return "invalid leading UTF-8 octet";
  if (width > rest.size()) return "incomplete UTF-8 octet sequence";
  uint32_t value = lead & (0xFFU >> (width + 1));
  for (size_t i = 1; i < width; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return "invalid trailing UTF-8 octet";
    value = value << 6 | (byte(i) & 0x3F);
  }
  constexpr std::array<uint32_t, 5> kSmallest = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kSmallest[width]) return "invalid length of a UTF-8 sequence";
  if ((value >= 0xD800 && value <= 0xDFFF) || value > 0x10FFFF) return "invalid Unicode character";
  return CodePointProblem(value);
}

// The number of good bytes; `problem` says what follows them.
size_t CheckUtf8(absl::string_view text, bool& ascii, const char*& problem) {
  size_t i = 0;
  while (true) {
    while (i < text.size() && kAllowedAscii[static_cast<unsigned char>(text[i])]) ++i;
    if (i == text.size()) return i;
    size_t width = 1;
    if (static_cast<unsigned char>(text[i]) < 0x80) {
      problem = "control characters are not allowed";
    } else {
      ascii = false;
      problem = Utf8Problem(text.substr(i), width);
    }
    if (problem != nullptr) return i;
    i += width;
  }
}

std::string FromUtf16(absl::string_view input, bool little, const char*& problem) {
  std::string out;
  const auto unit = [&](size_t i) {
    const auto a = static_cast<unsigned char>(input[i]);
    const auto b = static_cast<unsigned char>(input[i + 1]);
    return static_cast<uint32_t>(little ? a | b << 8 : a << 8 | b);
  };
  for (size_t i = 0; i < input.size(); i += 2) {
    if (i + 2 > input.size()) {
      problem = "incomplete UTF-16 character";
      return out;
    }
    uint32_t value = unit(i);
    if ((value & 0xFC00) == 0xDC00) {
      problem = "unexpected low surrogate area";
      return out;
    }
    if ((value & 0xFC00) == 0xD800) {
      if (i + 4 > input.size()) {
        problem = "incomplete UTF-16 surrogate pair";
        return out;
      }
      const uint32_t low = unit(i + 2);
      if ((low & 0xFC00) != 0xDC00) {
        problem = "expected low surrogate area";
        return out;
      }
      value = 0x10000 + ((value & 0x3FF) << 10) + (low & 0x3FF);
      i += 2;
    }
    text::AppendCharacter(value, out);
  }
  return out;
}

}  // namespace

YamlSource::YamlSource(absl::string_view input) {
  if (input.size() > kMaxBytes) {
    problem = "input is larger than 1 GiB";
    text.assign(kTerminator, '\0');
    return;
  }
  const char* decoding_problem = nullptr;
  std::string decoded;
  if (absl::StartsWith(input, "\xff\xfe") || absl::StartsWith(input, "\xfe\xff")) {
    decoded = FromUtf16(input.substr(2), input[0] == '\xff', decoding_problem);
    input = decoded;
  } else if (absl::StartsWith(input, "\xef\xbb\xbf")) {
    input.remove_prefix(3);
  }
  size = CheckUtf8(input, ascii, problem);
  if (problem == nullptr) problem = decoding_problem;
  if (problem != nullptr) size -= size % kReadAhead;
  text.reserve(size + kTerminator);
  text.append(input.data(), size);
  text.append(kTerminator, '\0');
}

}  // namespace sluice::value
