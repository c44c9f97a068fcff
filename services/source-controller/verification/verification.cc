// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/verification/verification.h"

#include "absl/strings/str_cat.h"
#include "services/source-controller/verification/cosign.h"
#include "services/source-controller/verification/notation.h"

namespace sluice::source_controller {

absl::StatusOr<Verdict> VerifyArtifact(const Context& ctx, const VerificationServices& services,
                                       const std::string& ns, const oci::Reference& artifact,
                                       const api::OciVerification& verify) {
  if (verify.provider == "cosign") return VerifyCosign(ctx, services, ns, artifact, verify);
  if (verify.provider == "notation") return VerifyNotation(ctx, services, ns, artifact, verify);
  return absl::InvalidArgumentError(
      absl::StrCat("unsupported verification provider: ", verify.provider));
}

std::string VerificationFailure(const api::OciVerification& verify) {
  const bool keyless = verify.provider == "cosign" && verify.secret_name.empty();
  return absl::StrCat("failed to verify the signature using provider '", verify.provider,
                      keyless ? " keyless" : "", "'");
}

}  // namespace sluice::source_controller
