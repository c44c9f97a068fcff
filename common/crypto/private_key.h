// Private keys as charts make and carry them: in PEM, in the form that is customary for the kind.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"

struct evp_pkey_st;

namespace sluice::crypto {

enum class KeyKind { kRsa2048, kRsa4096, kDsa2048, kEcdsaP256, kEd25519 };

// Immutable; copies share the key.
class PrivateKey {
 public:
  // From OpenSSL's own generator. RSA takes up to seconds.
  static absl::StatusOr<PrivateKey> Generate(KeyKind kind);
  // The first block of PEM: PKCS #8, or PKCS #1 and its like for RSA, EC and DSA. kInvalidArgument
  // with the words of sprig otherwise ("no PEM data in input"), which quote nothing of the text.
  static absl::StatusOr<PrivateKey> FromPem(absl::string_view pem);

  // "RSA PRIVATE KEY", "DSA PRIVATE KEY" and "EC PRIVATE KEY"; PKCS #8 for Ed25519.
  absl::StatusOr<Secret> ToPem() const;

  // For this folder. FromHandle() takes over the key.
  static PrivateKey FromHandle(evp_pkey_st* key);
  evp_pkey_st* handle() const { return key_.get(); }

 private:
  explicit PrivateKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}

  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace sluice::crypto
