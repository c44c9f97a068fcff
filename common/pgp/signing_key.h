// OpenPGP secret keys, for signing commits.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/secret.h"

namespace sluice::pgp {

// One secret key, as `gpg --export-secret-keys --armor` prints it. Immutable, thread-safe.
class SigningKey {
 public:
  // kInvalidArgument for what holds no secret key or more than one; kPermissionDenied for a
  // passphrase that is missing or wrong. Nothing of either is quoted.
  static absl::StatusOr<SigningKey> Parse(const Secret& armoured, const Secret& passphrase);

  // The armoured detached signature of `payload`, made now, by the key itself or its subkey for
  // signing.
  absl::StatusOr<std::string> Sign(absl::string_view payload, absl::Time now) const;

 private:
  SigningKey(Secret armoured, Secret passphrase)
      : armoured_(std::move(armoured)), passphrase_(std::move(passphrase)) {}

  // Parsed anew for each use, as those of KeyRing are.
  Secret armoured_;
  Secret passphrase_;
};

}  // namespace sluice::pgp
