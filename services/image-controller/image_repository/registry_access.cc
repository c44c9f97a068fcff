// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_repository/registry_access.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/cloud_identity/registry.h"
#include "common/cloud_identity/service_account.h"
#include "common/credentials/git_access.h"
#include "common/credentials/secret.h"
#include "common/http/client.h"
#include "common/oci/credentials.h"

namespace sluice::image_controller {
namespace {

using credentials::SecretData;

constexpr char kDockerConfigJson[] = ".dockerconfigjson";
constexpr char kDockerConfig[] = ".dockercfg";
constexpr char kGeneric[] = "generic";
constexpr absl::string_view kClouds[] = {"aws", "azure", "gcp"};
constexpr absl::Duration kLoginTimeout = absl::Seconds(10);

// The names of the Secrets with credentials, the spec's own first.
absl::StatusOr<std::vector<std::string>> PullSecrets(const Context& ctx, kube::Client& client,
                                                     const std::string& ns,
                                                     const api::ImageRepositorySpec& spec) {
  std::vector<std::string> names;
  if (!spec.secret_name.empty()) names.push_back(spec.secret_name);
  if (spec.service_account_name.empty()) return names;
  ASSIGN_OR_RETURN(const Value account,
                   cloud_identity::ReadAccount(ctx, client, {ns, spec.service_account_name}));
  for (const Value& secret : account["imagePullSecrets"].items()) {
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

// Asks the cloud for a login when the registry asks for one. It is for that registry only.
absl::StatusOr<oci::Credential> CloudLogin(const Context& ctx, const Collaborators& with,
                                           const cloud_identity::Identity& identity,
                                           const std::string& provider,
                                           const std::string& proxy_url,
                                           const oci::Repository& repository) {
  ASSIGN_OR_RETURN(const auto transport, http::CreateClient({.proxy_url = proxy_url}));
  const cloud_identity::Services services = {with.client, *transport, with.cloud.environment,
                                             with.clock};
  ASSIGN_OR_RETURN(const cloud_identity::Credentials login,
                   cloud_identity::CachedRegistryLogin(
                       ctx.WithTimeout(kLoginTimeout), services, with.tokens, identity, provider,
                       repository.registry, absl::StrCat("image\n", proxy_url)));
  oci::Credential credential;
  credential.username = login.access_key_id;
  credential.password = login.secret;
  return credential;
}

// Whose identity the cloud is asked with.
cloud_identity::Identity IdentityOf(const Collaborators& with, const std::string& ns,
                                    const api::ImageRepositorySpec& spec) {
  const std::string& account = spec.service_account_name.empty()
                                   ? with.options.process.default_service_account
                                   : spec.service_account_name;
  if (account.empty()) return std::nullopt;
  return kube::ObjectKey{ns, account};
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
  } else if (std::find(std::begin(kClouds), std::end(kClouds), spec.provider) !=
             std::end(kClouds)) {
    options.credentials = [&with, identity = IdentityOf(with, ns, spec), provider = spec.provider,
                           proxy_url = options.proxy_url](const Context& when,
                                                          const oci::Repository& repository) {
      return CloudLogin(when, with, identity, provider, proxy_url, repository);
    };
  } else {
    return absl::InvalidArgumentError(absl::StrCat("unknown provider '", spec.provider, "'"));
  }
  return oci::Client::Create(std::move(options), with.clock);
}

}  // namespace sluice::image_controller
