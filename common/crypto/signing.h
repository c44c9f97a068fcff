// Signatures and authentication codes that we make: for JSON Web Tokens (RFC 7518) and signed
// requests to cloud services.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"

namespace sluice::crypto {

// The RSASSA-PKCS1-v1_5 signature over SHA-256 ("RS256") of `message`. `private_key_pem` is PKCS #1
// or PKCS #8. kInvalidArgument, without the key, for what is no RSA key.
absl::StatusOr<std::string> SignRsaSha256(const Secret& private_key_pem, absl::string_view message);

// HMAC-SHA-256 (RFC 2104) as raw bytes.
std::string HmacSha256(absl::string_view key, absl::string_view message);

}  // namespace sluice::crypto
