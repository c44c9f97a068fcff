// Base64 as age writes it: each text has one form only, and others are refused.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::age {

// The standard alphabet without padding. Nothing for any other text.
std::optional<std::string> DecodeBase64(absl::string_view text);
// With padding.
std::optional<std::string> DecodePaddedBase64(absl::string_view text);
// Without padding.
std::string EncodeBase64(absl::string_view bytes);

}  // namespace sluice::age
