// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/verification/notation.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/credentials/secret.h"
#include "common/notation/verify.h"
#include "services/source-controller/verification/attachments.h"

namespace sluice::source_controller {
namespace {

constexpr char kPolicyKey[] = "trustpolicy.json";
constexpr size_t kMaxAttempts = 3;  // Flux's

struct Trusted {
  notation::TrustPolicy policy;
  std::vector<crypto::Certificate> certificates;
};

absl::StatusOr<Trusted> ReadTrusted(const Context& ctx, kube::Client& client,
                                    const kube::ObjectKey& secret) {
  ASSIGN_OR_RETURN(const credentials::SecretData data,
                   credentials::ReadSecret(ctx, client, secret));
  if (!data.contains(kPolicyKey)) {
    return absl::NotFoundError(
        absl::StrCat("'", kPolicyKey, "' not found in secret '", secret.name, "'"));
  }
  auto policy = notation::TrustPolicy::Parse(credentials::ValueOf(data, kPolicyKey));
  if (!policy.ok()) return Annotate(policy.status(), kPolicyKey);
  Trusted trusted = {*std::move(policy), {}};
  for (const auto& [name, pem] : data) {
    if (!absl::EndsWith(name, ".crt") && !absl::EndsWith(name, ".pem")) continue;
    auto certificates = crypto::Certificate::FromPem(pem);
    if (!certificates.ok()) {
      return Annotate(certificates.status(),
                      absl::StrCat("failed to parse certificate '", name, "'"));
    }
    trusted.certificates.insert(trusted.certificates.end(), certificates->begin(),
                                certificates->end());
  }
  if (trusted.certificates.empty()) {
    return absl::NotFoundError(absl::StrCat("no certificates found in secret '", secret.name, "'"));
  }
  return trusted;
}

}  // namespace

absl::StatusOr<Verdict> VerifyNotation(const Context& ctx, const VerificationServices& services,
                                       const std::string& ns, const oci::Reference& artifact,
                                       const api::OciVerification& verify) {
  const std::string name = artifact.Name();
  if (verify.secret_name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("verification secret cannot be empty: '", artifact.repository.Name(), "'"));
  }
  ASSIGN_OR_RETURN(const Trusted trusted,
                   ReadTrusted(ctx, services.client, {ns, verify.secret_name}));
  const notation::Statement* statement = trusted.policy.For(artifact.repository.Name());
  if (statement == nullptr) {
    return absl::UnauthenticatedError(absl::StrCat(
        "artifact \"", name,
        "\" has no applicable trust policy statement: expected one whose registryScopes name \"",
        artifact.repository.Name(), "\""));
  }
  if (statement->level.skips()) return Verdict::kIgnored;
  ASSIGN_OR_RETURN(const oci::Descriptor signed_one, services.registry.Resolve(ctx, artifact));
  const notation::Artifact target = {signed_one.media_type, artifact.digest, signed_one.size};
  // One more tells whether there were too many.
  ASSIGN_OR_RETURN(
      const std::vector<Attachment> signatures,
      FetchReferrers(ctx, services.registry, artifact, notation::kSignatureType, kMaxAttempts + 1));
  if (signatures.empty()) {
    return absl::UnauthenticatedError(
        absl::StrCat("no signature is associated with \"", name,
                     "\", make sure the artifact was signed successfully"));
  }
  absl::Status refusal;
  for (size_t i = 0; i < signatures.size() && i < kMaxAttempts; ++i) {
    const auto envelope = notation::Envelope::Parse(signatures[i].media_type, signatures[i].bytes);
    if (!envelope.ok()) {
      refusal = envelope.status();
      continue;
    }
    const auto trust = notation::VerifyEnvelope(*statement, trusted.certificates, *envelope, target,
                                                services.clock.Now());
    if (trust.ok()) {
      return *trust == notation::Trust::kTrusted ? Verdict::kVerified : Verdict::kIgnored;
    }
    refusal = trust.status();
  }
  if (signatures.size() > kMaxAttempts) {
    return absl::UnauthenticatedError(
        absl::StrCat("signature evaluation stopped. The configured limit of ", kMaxAttempts,
                     " signatures to verify per artifact exceeded"));
  }
  return Annotate(
      absl::UnauthenticatedError(refusal.message()),
      absl::StrCat("signature verification failed for all the signatures associated with ", name));
}

}  // namespace sluice::source_controller
