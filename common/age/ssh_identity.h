// SSH keys as identities: stanzas of type ssh-ed25519 and ssh-rsa.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/age/identity.h"

namespace sluice::age {

// A private key as ssh-keygen writes it, or an RSA key in PEM. kInvalidArgument, without the text,
// for one of another kind or that has a passphrase.
absl::StatusOr<std::shared_ptr<const Identity>> ParseSshIdentity(absl::string_view pem);

}  // namespace sluice::age
