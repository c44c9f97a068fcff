// Authenticated encryption with associated data.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"

namespace sluice::crypto {

inline constexpr size_t kAeadKeyBytes = 32;
inline constexpr size_t kAeadTagBytes = 16;

enum class Aead {
  kAes256Gcm,         // NIST SP 800-38D; nonces of 1 to 128 bytes, usually 12
  kChaCha20Poly1305,  // RFC 8439; nonces of 12 bytes
};

// The text of `sealed`, which ends in the tag. kPermissionDenied if it was not sealed under this
// key, nonce and `associated` data; kInvalidArgument for a key or nonce of a wrong length.
absl::StatusOr<Secret> Open(Aead algorithm, const Secret& key, absl::string_view nonce,
                            absl::string_view sealed, absl::string_view associated);

// The reverse: the ciphertext and its tag.
absl::StatusOr<std::string> Seal(Aead algorithm, const Secret& key, absl::string_view nonce,
                                 absl::string_view text, absl::string_view associated);

}  // namespace sluice::crypto
