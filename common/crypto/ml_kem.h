// ML-KEM-768 (FIPS 203), the post-quantum key encapsulation. The OpenSSL of our platform has none.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"

namespace sluice::crypto {

inline constexpr size_t kMlKemSeedBytes = 64;
inline constexpr size_t kMlKem768PublicKeyBytes = 1184;
inline constexpr size_t kMlKem768CiphertextBytes = 1088;

// Immutable, thread-safe.
class MlKem768 {
 public:
  // The key pair that comes from `seed` (d, then z). kInvalidArgument for another length.
  static absl::StatusOr<MlKem768> FromSeed(const Secret& seed);

  const std::string& public_key() const;
  // The secret of 32 bytes in `ciphertext`. One that was made for another key gives other bytes,
  // not an error; kInvalidArgument for another length.
  absl::StatusOr<Secret> Decapsulate(absl::string_view ciphertext) const;
  // The ciphertext for the key and the secret in it, from 32 random bytes.
  struct Encapsulated {
    std::string ciphertext;
    Secret secret;
  };
  absl::StatusOr<Encapsulated> Encapsulate(const Secret& randomness) const;

 private:
  struct Key;
  explicit MlKem768(std::shared_ptr<const Key> key) : key_(std::move(key)) {}

  std::shared_ptr<const Key> key_;
};

// `size` bytes of SHAKE-256 (FIPS 202), and SHA3-256.
std::string Shake256(absl::string_view bytes, size_t size);
std::string Sha3(absl::string_view bytes);

}  // namespace sluice::crypto
