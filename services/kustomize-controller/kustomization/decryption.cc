// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/decryption.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "services/kustomize-controller/kustomization/decryption_keys.h"

namespace sluice::kustomize_controller {
namespace {

constexpr char kGate[] = "ObjectLevelWorkloadIdentity";
constexpr char kProvider[] = "sops";

// Hands the entries of a Secret to `import`, one by one.
template <typename Import>
absl::Status ImportAll(const Value& secret, absl::string_view what, const kube::ObjectKey& key,
                       Import import) {
  for (const value::Member& member : secret["data"].members()) {
    std::string bytes;
    absl::Status status = absl::Base64Unescape(member.value.str(), &bytes)
                              ? absl::OkStatus()
                              : absl::InvalidArgumentError("it is not base64");
    const Secret value(std::move(bytes));
    if (status.ok()) status = import(member.key, value);
    if (!status.ok()) {
      return Annotate(status, absl::StrCat("failed to import '", member.key, "' data from sops ",
                                           what, " '", key.ToString(), "'"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Value> GetSecret(const Context& ctx, kube::Client& client, absl::string_view what,
                                const kube::ObjectKey& key) {
  auto secret = client.Get(ctx, kube::Resource{"", "v1", "secrets", "Secret", true}, key);
  if (secret.ok() || absl::IsNotFound(secret.status())) return secret;
  return Annotate(secret.status(),
                  absl::StrCat("cannot get sops ", what, " '", key.ToString(), "'"));
}

}  // namespace

absl::Status CheckDecryptionIdentity(const api::KustomizationSpec& spec, const Options& options) {
  if (spec.raw["decryption"]["serviceAccountName"].str().empty() ||
      options.process.feature_gates.Enabled(kGate)) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("to use spec.decryption.serviceAccountName for decryption authentication please "
                   "enable the ",
                   kGate, " feature gate in the controller"));
}

absl::StatusOr<std::unique_ptr<kustomization_build::Decryption>> CreateDecryption(
    const Context& ctx, const DecryptionServices& services, const Options& options,
    const std::string& ns, const api::KustomizationSpec& spec) {
  const Value& settings = spec.raw["decryption"];
  if (settings["provider"].str() != kProvider) return nullptr;
  AmbientIdentity identity;
  std::string account(settings["serviceAccountName"].str());
  if (account.empty()) account = options.default_decryption_service_account;
  if (!account.empty()) identity.account = kube::ObjectKey{ns, account};
  const std::string& own_ns = options.process.runtime_namespace;
  if (!options.sops_vault_config_map.empty()) {
    identity.vault_config_map = kube::ObjectKey{own_ns, options.sops_vault_config_map};
  }
  auto keys = std::make_unique<DecryptionKeys>(services, std::move(identity));
  if (const Value& reference = settings["secretRef"]; !reference.is_null()) {
    constexpr absl::string_view kWhat = "decryption Secret";
    const kube::ObjectKey key{ns, std::string(reference["name"].str())};
    ASSIGN_OR_RETURN(const Value secret, GetSecret(ctx, services.cloud.client, kWhat, key));
    RETURN_IF_ERROR(ImportAll(secret, kWhat, key, [&](absl::string_view name, const Secret& value) {
      return keys->Import(name, value);
    }));
  } else if (!options.sops_age_secret.empty()) {
    constexpr absl::string_view kWhat = "SOPS age decryption Secret";
    const kube::ObjectKey key{own_ns, options.sops_age_secret};
    ASSIGN_OR_RETURN(const Value secret, GetSecret(ctx, services.cloud.client, kWhat, key));
    RETURN_IF_ERROR(ImportAll(secret, kWhat, key, [&](absl::string_view name, const Secret& value) {
      return keys->ImportAgeOnly(name, value);
    }));
  }
  return std::make_unique<kustomization_build::Decryption>(std::move(keys),
                                                           options.sops_verify_mac);
}

}  // namespace sluice::kustomize_controller
