// Private keys that sign, whose numbers come from PEM or one by one, as in SSH's formats.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"
#include "common/crypto/digest.h"
#include "common/crypto/public_key.h"

namespace sluice::crypto {

// Immutable; copies share the key. Thread-safe.
class SigningKey {
 public:
  enum class Kind { kEd25519, kEcdsa, kRsa };

  // PKCS #8, PKCS #1 or SEC 1; encrypted ones need the passphrase. kInvalidArgument otherwise,
  // quoting nothing; kPermissionDenied for a passphrase that is missing or wrong.
  static absl::StatusOr<SigningKey> FromPem(const Secret& pem, const Secret& passphrase);

  // The 32 bytes of RFC 8032.
  static absl::StatusOr<SigningKey> Ed25519(absl::string_view seed);
  // `point` uncompressed (SEC 1), `scalar` big-endian.
  static absl::StatusOr<SigningKey> Ecdsa(Curve curve, absl::string_view point,
                                          absl::string_view scalar);
  // Big-endian numbers.
  static absl::StatusOr<SigningKey> Rsa(absl::string_view modulus, absl::string_view exponent,
                                        absl::string_view private_exponent);

  Kind kind() const { return kind_; }
  Curve curve() const { return curve_; }  // kEcdsa
  int bits() const;
  // kEd25519: 32 bytes; kEcdsa: the uncompressed point.
  absl::StatusOr<std::string> PublicPoint() const;
  // kRsa: modulus and exponent, big-endian without leading zeros.
  absl::StatusOr<std::pair<std::string, std::string>> PublicNumbers() const;

  // As PublicKey::Verify() takes it. Ed25519 has no digest: `digest` is not read.
  absl::StatusOr<std::string> Sign(Algorithm digest, absl::string_view message) const;

 private:
  explicit SigningKey(std::shared_ptr<void> key) : key_(std::move(key)) {}
  static absl::StatusOr<SigningKey> Wrap(void* key);

  std::shared_ptr<void> key_;  // OpenSSL's EVP_PKEY
  Kind kind_ = Kind::kEd25519;
  Curve curve_ = Curve::kP256;
};

// The numbers r and s of an ECDSA signature in DER, big-endian without leading zeros.
absl::StatusOr<std::pair<std::string, std::string>> EcdsaNumbers(absl::string_view der);

}  // namespace sluice::crypto
