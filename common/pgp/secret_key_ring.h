// OpenPGP private keys, and what was encrypted to them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"

namespace sluice::pgp {

// Reading from several threads is safe, importing meanwhile is not.
class SecretKeyRing {
 public:
  // The keys of `keys`, as `gpg --export-secret-keys` prints them, with or without --armor.
  // kInvalidArgument, without bytes of it, for what holds no private key.
  absl::Status Import(const Secret& keys);
  bool empty() const { return keys_.empty(); }

  // The text of `message`, which may be armoured. kPermissionDenied if it was encrypted to none of
  // the keys, or the key has a passphrase; kInvalidArgument if it was changed or is no message.
  absl::StatusOr<Secret> Decrypt(absl::string_view message) const;

 private:
  // Parsed anew for each use: the library's key rings are not for several threads.
  std::vector<Secret> keys_;
};

}  // namespace sluice::pgp
