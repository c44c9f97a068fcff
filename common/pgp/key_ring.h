// OpenPGP public keys and the detached signatures that they made. The only folder that includes
// librnp, so decryption for SOPS belongs here too.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice::pgp {

// Public keys of one armoured block, or several in a row, as `gpg --export --armor` prints them.
// Immutable, thread-safe.
class KeyRing {
 public:
  // kInvalidArgument, worded as Go's openpgp does, for what holds no key.
  static absl::StatusOr<KeyRing> Parse(absl::string_view armoured);

  // The id of the key that made the detached `signature` (armoured) of `payload`: of the primary
  // key, 16 upper-case hex digits. One good signature is enough. A key that has expired or was
  // revoked at `now`, or a signature that has expired, counts as bad (ProtonMail/go-crypto, which
  // Flux verifies with).
  //
  // kPermissionDenied if none of the keys made it, kInvalidArgument if it is no signature.
  absl::StatusOr<std::string> Verify(absl::string_view payload, absl::string_view signature,
                                     absl::Time now) const;

 private:
  explicit KeyRing(std::string armoured) : armoured_(std::move(armoured)) {}

  // Parsed anew for each use: the library's key rings are not for several threads, and remember
  // the time they were told.
  std::string armoured_;
};

}  // namespace sluice::pgp
