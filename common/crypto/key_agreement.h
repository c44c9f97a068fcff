// Curve25519: keys that two sides agree on, and keys derived from them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"

namespace sluice::crypto {

inline constexpr size_t kX25519Bytes = 32;

// X25519 (RFC 7748). kInvalidArgument for other lengths than 32, and for a point of low order,
// whose product is zero.
absl::StatusOr<Secret> X25519(const Secret& scalar, absl::string_view point);
// The public key of `scalar`.
absl::StatusOr<std::string> X25519PublicKey(const Secret& scalar);

// The X25519 form of an Ed25519 key pair (RFC 7748 4.1): of its 32 bytes of seed, and of its public
// key. kInvalidArgument for what is none.
absl::StatusOr<Secret> X25519ScalarOfEd25519(const Secret& seed);
absl::StatusOr<std::string> X25519PointOfEd25519(absl::string_view public_key);

// HKDF with SHA-256 (RFC 5869); `size` is at most 8160. The second is its latter half, for a `key`
// that is uniform already.
absl::StatusOr<Secret> HkdfSha256(const Secret& key, absl::string_view salt, absl::string_view info,
                                  size_t size);
absl::StatusOr<Secret> HkdfExpandSha256(const Secret& key, absl::string_view info, size_t size);

}  // namespace sluice::crypto
