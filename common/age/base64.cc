// SPDX-License-Identifier: Apache-2.0
#include "common/age/base64.h"

#include "absl/strings/escaping.h"
#include "absl/strings/strip.h"

namespace sluice::age {

std::string EncodeBase64(absl::string_view bytes) {
  std::string text = absl::Base64Escape(bytes);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

std::optional<std::string> DecodeBase64(absl::string_view text) {
  std::string bytes;
  // Writing it again finds padding, blanks and bits that mean nothing.
  if (!absl::Base64Unescape(text, &bytes) || EncodeBase64(bytes) != text) return std::nullopt;
  return bytes;
}

std::optional<std::string> DecodePaddedBase64(absl::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes) || absl::Base64Escape(bytes) != text) {
    return std::nullopt;
  }
  return bytes;
}

}  // namespace sluice::age
