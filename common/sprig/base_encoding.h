// Base64 and base32 (RFC 4648) with padding, refusing what Go's packages refuse in their words.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::sprig {

std::string EncodeBase64(absl::string_view bytes);
std::string EncodeBase32(absl::string_view bytes);

// Line breaks are skipped. kInvalidArgument otherwise: "illegal base64 data at input byte 4". In
// base32 the position counts without line breaks.
absl::StatusOr<std::string> DecodeBase64(absl::string_view text);
absl::StatusOr<std::string> DecodeBase32(absl::string_view text);

}  // namespace sluice::sprig
