// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/verification/cosign.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/credentials/secret.h"
#include "common/disk/handle.h"
#include "common/disk/rooted_path.h"
#include "common/fs/clean_path.h"
#include "common/sigstore/verify.h"
#include "services/source-controller/verification/attachments.h"

namespace sluice::source_controller {
namespace {

constexpr char kTrustedRootKey[] = "trusted_root.json";
constexpr size_t kMaxTrustedRoot = size_t{4} << 20;

absl::Status NoneMatched(const oci::Reference& artifact) {
  return absl::UnauthenticatedError(
      absl::StrCat("no matching signatures were found for '", artifact.Name(), "'"));
}

absl::StatusOr<std::vector<crypto::PublicKey>> ReadKeys(const Context& ctx, kube::Client& client,
                                                        const kube::ObjectKey& secret) {
  ASSIGN_OR_RETURN(const credentials::SecretData data,
                   credentials::ReadSecret(ctx, client, secret));
  std::vector<crypto::PublicKey> keys;
  for (const auto& [name, pem] : data) {
    if (!absl::EndsWith(name, ".pub")) continue;
    auto key = crypto::PublicKey::FromPem(pem);
    if (!key.ok()) return Annotate(key.status(), absl::StrCat("key '", name, "'"));
    keys.push_back(*std::move(key));
  }
  if (keys.empty()) {
    return absl::NotFoundError(absl::StrCat("no public keys found in secret '", secret.name, "'"));
  }
  return keys;
}

absl::StatusOr<std::string> ReadPublicRoot(const std::string& path) {
  if (path.empty()) {
    return absl::FailedPreconditionError(
        "unable to initialize trusted root: there is none of the public Sigstore; give "
        "spec.verify.trustedRootSecretRef, or start source-controller with "
        "--sigstore-trusted-root");
  }
  const absl::string_view name = fs::BaseName(path);
  const std::string folder = path.substr(0, path.size() - name.size());
  const auto opened = disk::RootedPath::Open(folder.empty() ? "." : folder);
  const auto text = opened.ok() ? opened->Read(name, kMaxTrustedRoot)
                                : absl::StatusOr<std::string>(opened.status());
  if (!text.ok()) return Annotate(text.status(), "unable to initialize trusted root");
  return text;
}

absl::StatusOr<sigstore::TrustedRoot> ReadRoot(const Context& ctx,
                                               const VerificationServices& services,
                                               const std::string& ns,
                                               const api::OciVerification& verify) {
  const std::string& name = verify.trusted_root_secret_name;
  std::string json;
  if (name.empty()) {
    ASSIGN_OR_RETURN(json, ReadPublicRoot(services.public_root_path));
  } else {
    ASSIGN_OR_RETURN(const credentials::SecretData data,
                     credentials::ReadSecret(ctx, services.client, {ns, name}));
    if (!data.contains(kTrustedRootKey)) {
      return absl::NotFoundError(
          absl::StrCat("'", kTrustedRootKey, "' not found in secret '", name, "'"));
    }
    json = credentials::ValueOf(data, kTrustedRootKey);
  }
  auto root = sigstore::TrustedRoot::Parse(json);
  if (!root.ok()) return Annotate(root.status(), "unable to initialize trusted root");
  return root;
}

}  // namespace

absl::StatusOr<std::vector<sigstore::Signature>> FetchSignatures(const Context& ctx,
                                                                 oci::Client& registry,
                                                                 const oci::Reference& artifact) {
  std::vector<sigstore::Signature> signatures;
  ASSIGN_OR_RETURN(
      const std::vector<Attachment> bundles,
      FetchReferrers(ctx, registry, artifact, sigstore::kBundleTypePrefix, kMaxSignatures));
  for (const Attachment& bundle : bundles) {
    auto signature = sigstore::Signature::FromBundle(bundle.bytes);
    if (signature.ok()) signatures.push_back(*std::move(signature));
  }
  if (!bundles.empty()) return signatures;
  ASSIGN_OR_RETURN(const oci::Digest digest, oci::Digest::Parse(artifact.digest));
  oci::Reference tagged;
  tagged.repository = artifact.repository;
  tagged.tag = absl::StrCat(crypto::AlgorithmName(digest.algorithm), "-", digest.hex, ".sig");
  ASSIGN_OR_RETURN(
      const std::vector<Attachment> layers,
      FetchLayers(ctx, registry, tagged, sigstore::kSimpleSigningType, kMaxSignatures));
  for (const Attachment& layer : layers) {
    auto signature = sigstore::Signature::FromLayer(layer.bytes, layer.annotations);
    if (signature.ok()) signatures.push_back(*std::move(signature));
  }
  return signatures;
}

absl::StatusOr<Verdict> VerifyCosign(const Context& ctx, const VerificationServices& services,
                                     const std::string& ns, const oci::Reference& artifact,
                                     const api::OciVerification& verify) {
  if (!verify.secret_name.empty()) {
    ASSIGN_OR_RETURN(const std::vector<crypto::PublicKey> keys,
                     ReadKeys(ctx, services.client, {ns, verify.secret_name}));
    ASSIGN_OR_RETURN(const std::vector<sigstore::Signature> signatures,
                     FetchSignatures(ctx, services.registry, artifact));
    for (const sigstore::Signature& signature : signatures) {
      for (const crypto::PublicKey& key : keys) {
        if (sigstore::VerifyWithKey(signature, key, artifact.digest).ok()) {
          return Verdict::kVerified;
        }
      }
    }
    return NoneMatched(artifact);
  }
  ASSIGN_OR_RETURN(const sigstore::TrustedRoot root, ReadRoot(ctx, services, ns, verify));
  std::vector<sigstore::IdentityRule> rules;
  for (const api::OidcIdentity& identity : verify.identities) {
    ASSIGN_OR_RETURN(sigstore::IdentityRule rule,
                     sigstore::IdentityRule::Parse(identity.issuer, identity.subject));
    rules.push_back(std::move(rule));
  }
  ASSIGN_OR_RETURN(const std::vector<sigstore::Signature> signatures,
                   FetchSignatures(ctx, services.registry, artifact));
  if (signatures.empty()) return absl::UnauthenticatedError("no signatures found");
  absl::Status refusal;
  for (const sigstore::Signature& signature : signatures) {
    refusal = sigstore::VerifyWithIdentity(signature, root, rules, artifact.digest);
    if (refusal.ok()) return Verdict::kVerified;
  }
  return Annotate(refusal, "no matching signatures");
}

}  // namespace sluice::source_controller
