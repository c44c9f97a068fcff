// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_repository/registry_access.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/credentials/git_access.h"
#include "common/credentials/secret.h"
#include "common/http/client.h"
#include "common/kube/gvk.h"
#include "common/oci/credentials.h"

namespace sluice::image_controller {
namespace {

using credentials::SecretData;

constexpr char kDockerConfigJson[] = ".dockerconfigjson";
constexpr char kDockerConfig[] = ".dockercfg";
constexpr char kGeneric[] = "generic";

// The names of the Secrets with credentials, the spec's own first.
absl::StatusOr<std::vector<std::string>> PullSecrets(const Context& ctx, kube::Client& client,
                                                     const std::string& ns,
                                                     const api::ImageRepositorySpec& spec) {
  static const kube::Resource kAccounts = {"", "v1", "serviceaccounts", "ServiceAccount", true};
  std::vector<std::string> names;
  if (!spec.secret_name.empty()) names.push_back(spec.secret_name);
  if (spec.service_account_name.empty()) return names;
  const auto account = client.Get(ctx, kAccounts, {ns, spec.service_account_name});
  if (!account.ok()) {
    return Annotate(account.status(), absl::StrCat("failed to get service account '", ns, "/",
                                                   spec.service_account_name, "'"));
  }
  for (const Value& secret : (*account)["imagePullSecrets"].items()) {
    if (const absl::string_view name = secret["name"].str(); !name.empty()) {
      names.emplace_back(name);
    }
  }
  return names;
}

// As in Flux, a Secret of another type contributes nothing.
absl::StatusOr<oci::Keyring> ReadKeyring(const Context& ctx, kube::Client& client,
                                         const std::string& ns,
                                         const api::ImageRepositorySpec& spec) {
  oci::Keyring keyring;
  ASSIGN_OR_RETURN(const std::vector<std::string> names, PullSecrets(ctx, client, ns, spec));
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(const SecretData data, credentials::ReadSecret(ctx, client, {ns, name}));
    absl::Status added;
    if (data.contains(kDockerConfigJson)) {
      added = keyring.AddDockerConfigJson(credentials::ValueOf(data, kDockerConfigJson));
    } else if (data.contains(kDockerConfig)) {
      added = keyring.AddDockerCfg(credentials::ValueOf(data, kDockerConfig));
    }
    if (!added.ok()) return Annotate(added, absl::StrCat("secret '", ns, "/", name, "'"));
  }
  return keyring;
}

}  // namespace

absl::Status CheckIdentityGate(const api::ImageRepositorySpec& spec, const Options& options,
                               absl::string_view where) {
  if (spec.provider == kGeneric || spec.service_account_name.empty() ||
      options.identity_of_objects()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "to use spec.serviceAccountName", where, " for provider authentication please enable the ",
      credentials::kObjectLevelWorkloadIdentity, " feature gate in the controller"));
}

absl::StatusOr<std::unique_ptr<oci::Client>> OpenRegistry(const Context& ctx,
                                                          const Collaborators& with,
                                                          const std::string& ns,
                                                          const api::ImageRepositorySpec& spec) {
  oci::ClientOptions options;
  options.insecure = spec.insecure;
  if (!spec.proxy_secret_name.empty()) {
    ASSIGN_OR_RETURN(options.proxy_url,
                     credentials::ReadProxyUrl(ctx, with.client, {ns, spec.proxy_secret_name}));
  }
  if (!spec.cert_secret_name.empty()) {
    const kube::ObjectKey key = {ns, spec.cert_secret_name};
    ASSIGN_OR_RETURN(const SecretData data, credentials::ReadSecret(ctx, with.client, key));
    ASSIGN_OR_RETURN(options.tls, credentials::TlsFromSecret(data, key, /*required=*/true));
  }
  if (spec.provider == kGeneric) {
    ASSIGN_OR_RETURN(oci::Keyring keyring, ReadKeyring(ctx, with.client, ns, spec));
    options.credentials =
        [keyring = std::move(keyring)](
            const Context&, const oci::Repository& repository) -> absl::StatusOr<oci::Credential> {
      return keyring.Find(repository).value_or(oci::Credential());
    };
  } else {
    return absl::UnimplementedError(absl::StrCat("unknown provider '", spec.provider, "'"));
  }
  return oci::Client::Create(std::move(options), with.clock);
}

}  // namespace sluice::image_controller
