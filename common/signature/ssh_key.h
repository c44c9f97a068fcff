// SSH public keys, as authorized_keys files and signatures hold them (RFC 4253 6.6, 5656, 8709).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::signature {

// Reads the length-prefixed fields of SSH's wire format off the front of a text.
class SshFields {
 public:
  explicit SshFields(absl::string_view bytes) : rest_(bytes) {}

  // The next field; kInvalidArgument if there is none that is whole.
  absl::StatusOr<absl::string_view> Text();
  absl::StatusOr<uint32_t> Number();
  bool empty() const { return rest_.empty(); }

 private:
  absl::string_view rest_;
};

// A key of type ssh-ed25519, ecdsa-sha2-nistp256, -384, -521 or ssh-rsa. Immutable, thread-safe.
class SshPublicKey {
 public:
  // `blob` is the wire format. kInvalidArgument for another type or what is no key.
  static absl::StatusOr<SshPublicKey> FromBlob(absl::string_view blob);

  // Whether `signature`, in the wire format, is this key's of `message`. Of RSA's only
  // rsa-sha2-256 and rsa-sha2-512 count, not the one over SHA-1.
  bool Verify(absl::string_view message, absl::string_view signature) const;

  // "SHA256:" and the digest of the blob in base64 without padding, as ssh-keygen -l prints it.
  std::string Fingerprint() const;
  const std::string& blob() const { return blob_; }

 private:
  explicit SshPublicKey(absl::string_view blob) : blob_(blob) {}

  std::string blob_;
};

// The keys of an authorized_keys text: a key a line, options before it, a comment after. Empty
// lines and those that begin with "#" are skipped. kInvalidArgument, worded as Go's ssh package
// does, for a line without a key that we can use.
absl::StatusOr<std::vector<SshPublicKey>> ParseAuthorizedKeys(absl::string_view text);

}  // namespace sluice::signature
