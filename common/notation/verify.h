// Whether a signature of the Notary Project is good (notation-go 1.3's rules).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/certificate.h"
#include "common/notation/envelope.h"
#include "common/notation/trust_policy.h"

namespace sluice::notation {

// What is said to be signed.
struct Artifact {
  std::string media_type;
  std::string digest;  // "sha256:<hex>"
  int64_t size = 0;    // bytes
};

enum class Trust {
  kTrusted,
  kUntrusted,  // whoever signed is not trusted, which the policy only wants to know
};

// The verdict of `statement`, whose level is not "skip", about a signature of `artifact`.
// `trusted` are the certificates of all its trust stores. kUnauthenticated, in notation's words,
// for a check that fails and is enforced; the signature's integrity and that it is about the
// artifact always are.
//
// Nobody is asked about revocation: a chain with a certificate that could be revoked has an unknown
// status, which fails where the level enforces it. Timestamps by timestamping authorities are not
// read: without them the certificates must be valid at `now`.
absl::StatusOr<Trust> VerifyEnvelope(const Statement& statement,
                                     std::span<const crypto::Certificate> trusted,
                                     const Envelope& envelope, const Artifact& artifact,
                                     absl::Time now);

}  // namespace sluice::notation
