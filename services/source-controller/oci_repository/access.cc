// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/oci_repository/access.h"

#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/cloud_identity/registry.h"
#include "common/cloud_identity/service_account.h"
#include "common/http/client.h"
#include "services/source-controller/source/reason.h"
#include "services/source-controller/source/secret.h"

namespace sluice::source_controller {
namespace {

constexpr char kAuthenticationFailed[] = "AuthenticationFailed";
constexpr char kDockerConfigJson[] = ".dockerconfigjson";
constexpr char kDockerConfig[] = ".dockercfg";
constexpr absl::Duration kLoginTimeout = absl::Seconds(10);

absl::Status Refused(const absl::Status& error, absl::string_view prefix) {
  return WithReason(Annotate(error, prefix), kAuthenticationFailed);
}

// The names of the Secrets with credentials: the spec's own, and those of its service account.
absl::StatusOr<std::set<std::string>> PullSecrets(const Context& ctx, kube::Client& client,
                                                  const std::string& ns,
                                                  const api::OciRepositorySpec& spec) {
  std::set<std::string> names;
  if (!spec.secret_name.empty()) names.insert(spec.secret_name);
  if (!spec.service_account_name.empty()) {
    ASSIGN_OR_RETURN(const Value account,
                     cloud_identity::ReadAccount(ctx, client, {ns, spec.service_account_name}));
    for (const Value& secret : account["imagePullSecrets"].items()) {
      if (const absl::string_view name = secret["name"].str(); !name.empty()) {
        names.insert(std::string(name));
      }
    }
  }
  return names;
}

// The credentials of all of them; nullopt if there are no Secrets. As in Flux, a Secret of another
// type contributes nothing.
absl::StatusOr<std::optional<oci::Keyring>> ReadKeyring(const Context& ctx, kube::Client& client,
                                                        const std::string& ns,
                                                        const api::OciRepositorySpec& spec,
                                                        OciAccess::MissingSecret missing) {
  ASSIGN_OR_RETURN(const std::set<std::string> names, PullSecrets(ctx, client, ns, spec));
  if (names.empty()) return std::nullopt;
  oci::Keyring keyring;
  for (const std::string& name : names) {
    const auto data = ReadSecret(ctx, client, {ns, name});
    if (absl::IsNotFound(data.status())) missing(name);
    RETURN_IF_ERROR(data.status());
    absl::Status added;
    if (data->contains(kDockerConfigJson)) {
      added = keyring.AddDockerConfigJson(ValueOf(*data, kDockerConfigJson));
    } else if (data->contains(kDockerConfig)) {
      added = keyring.AddDockerCfg(ValueOf(*data, kDockerConfig));
    }
    if (!added.ok()) return Annotate(added, absl::StrCat("secret '", ns, "/", name, "'"));
  }
  return keyring;
}

absl::StatusOr<oci::Credential> CloudLogin(const Context& ctx, const CloudAccess& cloud,
                                           const std::string& ns,
                                           const api::OciRepositorySpec& spec,
                                           const std::string& proxy_url,
                                           const std::string& registry) {
  const std::string& account = spec.service_account_name.empty()
                                   ? cloud.options.process.default_service_account
                                   : spec.service_account_name;
  cloud_identity::Identity identity;
  if (!account.empty()) identity = kube::ObjectKey{ns, account};
  ASSIGN_OR_RETURN(const auto transport, http::CreateClient({.proxy_url = proxy_url}));
  ASSIGN_OR_RETURN(const cloud_identity::Credentials login,
                   cloud_identity::CachedRegistryLogin(
                       ctx.WithTimeout(kLoginTimeout), cloud.Over(*transport), cloud.tokens,
                       identity, spec.provider, registry, absl::StrCat("oci\n", proxy_url)));
  return RegistryCredential(login);
}

absl::StatusOr<http::TlsOptions> ReadTls(const Context& ctx, kube::Client& client,
                                         const std::string& ns,
                                         const api::OciRepositorySpec& spec) {
  http::TlsOptions tls;
  if (spec.cert_secret_name.empty()) {
    tls.insecure_skip_verify = spec.insecure;
    return tls;
  }
  const kube::ObjectKey key = {ns, spec.cert_secret_name};
  ASSIGN_OR_RETURN(const SecretData data, ReadSecret(ctx, client, key));
  return TlsFromSecret(data, key, /*required=*/true);
}

}  // namespace

oci::Credential RegistryCredential(const cloud_identity::Credentials& login) {
  oci::Credential credential;
  credential.username = login.access_key_id;
  credential.password = login.secret;
  return credential;
}

absl::StatusOr<OciAccess> OciAccess::Create(const Context& ctx, const CloudAccess& cloud,
                                            const std::string& ns,
                                            const api::OciRepositorySpec& spec,
                                            MissingSecret missing) {
  kube::Client& client = cloud.services.client;
  auto repository = oci::ParseRepositoryUrl(spec.url);
  const auto keyring = ReadKeyring(ctx, client, ns, spec, missing);
  if (!keyring.ok()) return Refused(keyring.status(), "failed to get credential");
  oci::ClientOptions options;
  if (!spec.proxy_secret_name.empty()) {
    auto proxy = ReadProxyUrl(ctx, client, {ns, spec.proxy_secret_name});
    if (!proxy.ok()) return Refused(proxy.status(), "failed to get proxy address");
    options.proxy_url = *std::move(proxy);
  }
  if (keyring->has_value()) {
    options.credentials =
        [keyring = **keyring](
            const Context&, const oci::Repository& repository) -> absl::StatusOr<oci::Credential> {
      return keyring.Find(repository).value_or(oci::Credential());
    };
  } else if (!spec.provider.empty() && spec.provider != "generic" && repository.ok()) {
    if (!spec.service_account_name.empty() &&
        !cloud.options.process.feature_gates.Enabled(kObjectLevelWorkloadIdentity)) {
      return Stalling(WithReason(
          absl::FailedPreconditionError(absl::StrCat(
              "to use spec.serviceAccountName for provider authentication please enable the ",
              kObjectLevelWorkloadIdentity, " feature gate in the controller")),
          kFeatureGateDisabled));
    }
    auto login = CloudLogin(ctx, cloud, ns, spec, options.proxy_url, repository->registry);
    if (!login.ok()) {
      return Refused(login.status(), absl::StrCat("failed to get credential from ", spec.provider));
    }
    // The login is for this registry; nobody else gets it.
    options.credentials =
        [login = *std::move(login), registry = repository->registry](
            const Context&, const oci::Repository& repository) -> absl::StatusOr<oci::Credential> {
      return repository.registry == registry ? login : oci::Credential();
    };
  }
  auto tls = ReadTls(ctx, client, ns, spec);
  const std::string no_transport =
      absl::StrCat("failed to generate transport for '", spec.url, "'");
  if (!tls.ok()) return Refused(tls.status(), no_transport);
  options.tls = *std::move(tls);
  options.insecure = spec.insecure;
  auto registry = oci::Client::Create(std::move(options), cloud.services.clock);
  if (!registry.ok()) return Refused(registry.status(), no_transport);
  if (!repository.ok()) {
    return Stalling(WithReason(
        Annotate(repository.status(), absl::StrCat("URL validation failed for '", spec.url, "'")),
        "URLInvalid"));
  }
  return OciAccess{*std::move(repository), *std::move(registry)};
}

}  // namespace sluice::source_controller
