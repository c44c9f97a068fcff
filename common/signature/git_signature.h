// Signatures of Git commits and tags: which kind one is, and whether a key that a user trusts made
// it. Texts are those of Flux 2.9 (fluxcd/pkg git/signature), spec/source.md §3.7.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace sluice::signature {

// The keys that may sign.
struct TrustedKeys {
  std::vector<std::string> pgp;  // armoured key rings
  std::vector<std::string> ssh;  // authorized_keys texts

  // Out of a Secret's data: keys that end in ".sshpub" are SSH's, all others PGP's.
  static TrustedKeys FromSecret(const std::map<std::string, std::string>& data);
};

// The id of the key that made `signature` of `payload`: PGP's 16 hex digits, SSH's fingerprint.
// `what` ("Git commit") begins the message of a bad signature. kPermissionDenied if no trusted key
// made it, kInvalidArgument for a kind that is not supported or keys that cannot be read.
absl::StatusOr<std::string> VerifyGitSignature(absl::string_view what, absl::string_view signature,
                                               absl::string_view payload, const TrustedKeys& keys,
                                               absl::Time now);

}  // namespace sluice::signature
