// Signatures of public keys that come as numbers rather than as PEM, as in SSH's formats.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/digest.h"

namespace sluice::crypto {

enum class Curve { kP256, kP384, kP521 };

enum class PublicKeyType { kRsa, kEcdsaP256, kEcdsaP384, kEcdsaP521, kEd25519 };

// Immutable, thread-safe.
class PublicKey {
 public:
  // The 32 bytes of RFC 8032.
  static absl::StatusOr<PublicKey> Ed25519(absl::string_view bytes);
  // `point` uncompressed (SEC 1): a byte 4, then both coordinates.
  static absl::StatusOr<PublicKey> Ecdsa(Curve curve, absl::string_view point);
  // Big-endian numbers. kInvalidArgument, too, for a modulus of under 1024 or over 16384 bits.
  static absl::StatusOr<PublicKey> Rsa(absl::string_view modulus, absl::string_view exponent);

  // A SubjectPublicKeyInfo (RFC 5280) as DER, or as the first block of PEM, where a PKCS #1
  // "RSA PUBLIC KEY" will do as well. kInvalidArgument for anything else, and for keys of other
  // types.
  static absl::StatusOr<PublicKey> FromDer(absl::string_view der);
  static absl::StatusOr<PublicKey> FromPem(absl::string_view pem);

  PublicKeyType type() const;
  // The bytes of an RSA modulus; 0 for other keys.
  size_t rsa_bytes() const;
  // The SubjectPublicKeyInfo as DER: its SHA-256 is what transparency logs are named by.
  std::string ToDer() const;
  friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.ToDer() == b.ToDer(); }

  // Whether `signature` signs `message`: 64 bytes for Ed25519, the numbers r and s in DER for ECDSA
  // (EcdsaSignature()), PKCS #1 version 1.5 for RSA. Ed25519 has no digest: `digest` is not read.
  bool Verify(Algorithm digest, absl::string_view message, absl::string_view signature) const;
  // The same for RSASSA-PSS (RFC 8017) with MGF1 of the same digest and a salt of its length; false
  // for keys that are not RSA.
  bool VerifyPss(Algorithm digest, absl::string_view message, absl::string_view signature) const;
  // The same for ECDSA with r and s beside one another, each as long as the curve's numbers (JOSE,
  // COSE); false for other keys.
  bool VerifyPlainEcdsa(Algorithm digest, absl::string_view message,
                        absl::string_view signature) const;

 private:
  friend class Certificate;
  explicit PublicKey(std::shared_ptr<void> key, bool digests)
      : key_(std::move(key)), digests_(digests) {}

  // Takes over an EVP_PKEY, which may be null.
  static absl::StatusOr<PublicKey> FromHandle(void* key);
  bool VerifyWith(Algorithm digest, bool pss, absl::string_view message,
                  absl::string_view signature) const;

  std::shared_ptr<void> key_;  // OpenSSL's EVP_PKEY
  bool digests_;
};

// ECDSA's r and s, big-endian, as DER. kInvalidArgument for numbers of more than 66 bytes.
absl::StatusOr<std::string> EcdsaSignature(absl::string_view r, absl::string_view s);

}  // namespace sluice::crypto
