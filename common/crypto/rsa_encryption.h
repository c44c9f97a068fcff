// Encryption to RSA keys (RFC 8017, RSAES-OAEP with SHA-256).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"
#include "common/crypto/private_key.h"

namespace sluice::crypto {

// An RSA key as big-endian numbers.
struct RsaNumbers {
  std::string modulus;
  std::string public_exponent;
  Secret private_exponent;
};

// kInvalidArgument, without the numbers, if they make no key of 1024 to 16384 bits.
absl::StatusOr<PrivateKey> RsaKeyOf(const RsaNumbers& numbers);
// The public numbers of `key`. kInvalidArgument if it is of another kind.
absl::StatusOr<RsaNumbers> RsaPublicNumbers(const PrivateKey& key);

// kPermissionDenied if `sealed` was not encrypted to `key` under `label`.
absl::StatusOr<Secret> DecryptRsaOaep(const PrivateKey& key, absl::string_view sealed,
                                      absl::string_view label);
// Encrypts to the public half of `key`.
absl::StatusOr<std::string> EncryptRsaOaep(const PrivateKey& key, absl::string_view text,
                                           absl::string_view label);

}  // namespace sluice::crypto
