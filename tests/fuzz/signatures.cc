// What others attach to artifacts: bundles, envelopes, policies. Nothing here may count as
// verified, as no key that is trusted has signed it.

// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/certificate.h"
#include "common/notation/verify.h"
#include "common/sigstore/verify.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(signatures, input) {
  static const sigstore::TrustedRoot* const kNobody = new sigstore::TrustedRoot();
  static const notation::TrustPolicy* const kPolicy = new notation::TrustPolicy(
      notation::TrustPolicy::Parse(
          R"({"version":"1.0","trustPolicies":[{"name":"p","registryScopes":["*"],)"
          R"("signatureVerification":{"level":"permissive"},"trustStores":["ca:x"],)"
          R"("trustedIdentities":["*"]}]})")
          .value());
  const auto bundle = sigstore::Signature::FromBundle(input);
  if (bundle.ok()) {
    Require(!sigstore::VerifyWithIdentity(*bundle, *kNobody, {}, "sha256:00").ok(),
            "a bundle without a trusted root is refused");
  }
  const auto layer =
      sigstore::Signature::FromLayer(input, {{"dev.cosignproject.cosign/signature", "MEUCIQ=="},
                                             {"dev.sigstore.cosign/bundle", std::string(input)}});
  if (layer.ok()) (void)layer->CheckSubject("sha256:00");
  (void)sigstore::TrustedRoot::Parse(input);
  (void)notation::TrustPolicy::Parse(input);
  for (const char* type : {notation::kJwsType, notation::kCoseType}) {
    const auto envelope = notation::Envelope::Parse(type, input);
    if (!envelope.ok()) continue;
    Require(
        !notation::VerifyEnvelope(*kPolicy->For("r/a"), {}, *envelope, {}, absl::UnixEpoch()).ok(),
        "an envelope without a trusted certificate is refused");
  }
  const auto certificate = crypto::Certificate::FromDer(input);
  if (certificate.ok()) {
    (void)certificate->Subject();
    (void)certificate->AlternativeNames();
    (void)certificate->Timestamps(*certificate);
  }
  (void)crypto::Certificate::FromPem(input);
  (void)crypto::PublicKey::FromPem(input);
}

}  // namespace sluice::fuzz
