// SPDX-License-Identifier: Apache-2.0
#include "common/age/armor.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/age/base64.h"

namespace sluice::age {
namespace {

constexpr absl::string_view kBegin = "-----BEGIN AGE ENCRYPTED FILE-----";
constexpr absl::string_view kEnd = "-----END AGE ENCRYPTED FILE-----";
constexpr size_t kLineDigits = 64;
constexpr size_t kMaxWhiteSpace = 1024;

absl::Status Malformed(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("invalid armor: ", why));
}

// The next line without its end; the last one needs none. Nothing at the end.
std::optional<absl::string_view> TakeLine(absl::string_view& rest) {
  if (rest.empty()) return std::nullopt;
  const size_t end = rest.find('\n');
  absl::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == absl::string_view::npos ? rest.size() : end + 1);
  absl::ConsumeSuffix(&line, "\r");
  return line;
}

}  // namespace

bool IsArmored(absl::string_view text) {
  return absl::StartsWith(absl::StripLeadingAsciiWhitespace(text), "-----BEGIN AGE ");
}

absl::StatusOr<std::string> Dearmor(absl::string_view text) {
  absl::string_view rest = text;
  std::optional<absl::string_view> line = TakeLine(rest);
  while (line.has_value() && absl::StripAsciiWhitespace(*line).empty()) line = TakeLine(rest);
  if (line.value_or("") != kBegin) return Malformed("invalid first line");
  if (static_cast<size_t>(line->data() - text.data()) > kMaxWhiteSpace) {
    return Malformed("too much leading whitespace");
  }
  std::string file;
  bool last = false;
  for (line = TakeLine(rest); line.value_or(kEnd) != kEnd; line = TakeLine(rest)) {
    if (last) return Malformed("invalid closing line");
    if (line->empty()) return Malformed("empty line in armored data");
    if (line->size() > kLineDigits) return Malformed("column limit exceeded");
    const std::optional<std::string> bytes = DecodePaddedBase64(*line);
    if (!bytes.has_value()) return Malformed("illegal base64 data");
    file += *bytes;
    last = line->size() < kLineDigits || absl::EndsWith(*line, "=");
  }
  if (!line.has_value()) return Malformed("unexpected EOF");
  if (!absl::StripAsciiWhitespace(rest).empty())
    return Malformed("trailing data after armored file");
  if (rest.size() >= kMaxWhiteSpace) return Malformed("too much trailing whitespace");
  return file;
}

}  // namespace sluice::age
