// Post-quantum identities: AGE-SECRET-KEY-PQ-1…, stanzas of type mlkem768x25519. ML-KEM-768 and
// X25519 together (X-Wing) are the key encapsulation of HPKE (RFC 9180).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/age/identity.h"
#include "common/base/secret.h"

namespace sluice::age {

// kInvalidArgument unless `seed` has 32 bytes.
absl::StatusOr<std::shared_ptr<const Identity>> HybridIdentity(const Secret& seed);

}  // namespace sluice::age
