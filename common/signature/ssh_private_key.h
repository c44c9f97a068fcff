// SSH private keys, and the signatures that they make (PROTOCOL.sshsig).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"
#include "common/crypto/signing_key.h"

namespace sluice::signature {

// A key of type ssh-ed25519, ecdsa-sha2-nistp256, -384, -521, or ssh-rsa with at least 2048 bits.
// Immutable, thread-safe.
class SshPrivateKey {
 public:
  // OpenSSH's own form, also encrypted as ssh-keygen does it (bcrypt with aes256-ctr or -cbc), and
  // PEM. kInvalidArgument for other keys and what is none; kPermissionDenied for a passphrase that
  // is missing or wrong. Nothing of either is quoted.
  static absl::StatusOr<SshPrivateKey> Parse(const Secret& text, const Secret& passphrase);

  // The public key in the wire format.
  const std::string& public_blob() const { return public_blob_; }

  // The armoured signature of `payload` for `name_space` ("git"), over its SHA-512.
  absl::StatusOr<std::string> SignArmoured(absl::string_view payload,
                                           absl::string_view name_space) const;

 private:
  SshPrivateKey(crypto::SigningKey key, std::string public_blob)
      : key_(std::move(key)), public_blob_(std::move(public_blob)) {}
  static absl::StatusOr<SshPrivateKey> Of(crypto::SigningKey key);

  // In the wire format.
  absl::StatusOr<std::string> Sign(absl::string_view message) const;

  crypto::SigningKey key_;
  std::string public_blob_;
};

}  // namespace sluice::signature
