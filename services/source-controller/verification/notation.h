// Verification by the Notary Project's signatures.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/source-controller/verification/verification.h"

namespace sluice::source_controller {

// See VerifyArtifact(). The Secret holds the policy, "trustpolicy.json", and the certificates of
// all its trust stores ("*.crt", "*.pem"). At most three signatures are looked at; the first that
// the policy is content with counts.
absl::StatusOr<Verdict> VerifyNotation(const Context& ctx, const VerificationServices& services,
                                       const std::string& ns, const oci::Reference& artifact,
                                       const api::OciVerification& verify);

}  // namespace sluice::source_controller
