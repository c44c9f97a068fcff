// Whether a signature is good (cosign's rules, versions 2 and 3).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/crypto/public_key.h"
#include "common/sigstore/signature.h"
#include "common/sigstore/trusted_root.h"
#include "common/text/regexp.h"

namespace sluice::sigstore {

// Who may sign: both expressions match, somewhere.
struct IdentityRule {
  // kInvalidArgument, naming the field, for what is no regular expression.
  static absl::StatusOr<IdentityRule> Parse(absl::string_view issuer, absl::string_view subject);

  text::Regexp issuer;
  text::Regexp subject;
};

// OK if `key` signed, and signed the artifact `digest` ("sha256:<hex>"). No log is asked for.
// kUnauthenticated with the reason.
absl::Status VerifyWithKey(const Signature& signature, const crypto::PublicKey& key,
                           absl::string_view digest);

// OK if somebody of `rules`, anybody if it is empty, signed the artifact `digest` with a key that
// an authority of `root` certified for them, and a log of `root` saw it while the certificate was
// valid. The certificate must have been logged too. kUnauthenticated with the reason.
absl::Status VerifyWithIdentity(const Signature& signature, const TrustedRoot& root,
                                std::span<const IdentityRule> rules, absl::string_view digest);

}  // namespace sluice::sigstore
