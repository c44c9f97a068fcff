// Verification by cosign's signatures and Sigstore bundles.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/sigstore/signature.h"
#include "services/source-controller/verification/verification.h"

namespace sluice::source_controller {

// See VerifyArtifact(). With a Secret one of its public keys ("*.pub") must have signed; without
// one, an identity.
absl::StatusOr<Verdict> VerifyCosign(const Context& ctx, const VerificationServices& services,
                                     const std::string& ns, const oci::Reference& artifact,
                                     const api::OciVerification& verify);

// At most this many signatures of an artifact are looked at.
inline constexpr size_t kMaxSignatures = 50;

// What is attached to `artifact`: its bundles (referrers), without any its layers of cosign's (the
// tag "sha256-<hex>.sig"). What does not parse is left out: others can attach what they like.
// The registry's errors, but that of a tag that is not there.
absl::StatusOr<std::vector<sigstore::Signature>> FetchSignatures(const Context& ctx,
                                                                 oci::Client& registry,
                                                                 const oci::Reference& artifact);

}  // namespace sluice::source_controller
