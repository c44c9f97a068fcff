// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/oci_repository/access.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/credentials/identity.h"
#include "common/credentials/registry_access.h"
#include "common/credentials/secret.h"

namespace sluice::source_controller {
namespace {

constexpr char kAuthenticationFailed[] = "AuthenticationFailed";
absl::Status Refused(const absl::Status& error, absl::string_view prefix) {
  return api::WithReason(Annotate(error, prefix), kAuthenticationFailed);
}

// The names of the Secrets with credentials, as Flux orders them.
absl::StatusOr<std::vector<std::string>> PullSecretNames(const Context& ctx, kube::Client& client,
                                                         const std::string& ns,
                                                         const api::OciRepositorySpec& spec) {
  ASSIGN_OR_RETURN(
      std::vector<std::string> names,
      credentials::PullSecretNames(ctx, client, ns, spec.secret_name, spec.service_account_name));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
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
  ASSIGN_OR_RETURN(const credentials::SecretData data, credentials::ReadSecret(ctx, client, key));
  return credentials::TlsFromSecret(data, key, /*required=*/true);
}

}  // namespace

absl::StatusOr<OciAccess> OciAccess::Create(const Context& ctx, const CloudAccess& cloud,
                                            const std::string& ns,
                                            const api::OciRepositorySpec& spec,
                                            MissingSecret missing) {
  kube::Client& client = cloud.services.client;
  auto repository = oci::ParseRepositoryUrl(spec.url);
  const auto secrets = PullSecretNames(ctx, client, ns, spec);
  if (!secrets.ok()) return Refused(secrets.status(), "failed to get credential");
  auto keyring = credentials::ReadPullSecrets(ctx, client, ns, *secrets, missing);
  if (!keyring.ok()) return Refused(keyring.status(), "failed to get credential");
  oci::ClientOptions options;
  if (!spec.proxy_secret_name.empty()) {
    auto proxy = credentials::ReadProxyUrl(ctx, client, {ns, spec.proxy_secret_name});
    if (!proxy.ok()) return Refused(proxy.status(), "failed to get proxy address");
    options.proxy_url = *std::move(proxy);
  }
  if (!secrets->empty()) {
    options.credentials = oci::FromKeyring(*std::move(keyring));
  } else if (!spec.provider.empty() && spec.provider != credentials::kGenericProvider &&
             repository.ok()) {
    const credentials::IdentityOptions identity = cloud.options.identity();
    RETURN_IF_ERROR(
        credentials::CheckIdentityGate(spec.provider, spec.service_account_name, identity));
    auto login =
        credentials::RegistryLogin(ctx, cloud.services, cloud.tokens,
                                   credentials::IdentityOf(ns, spec.service_account_name, identity),
                                   spec.provider, repository->registry, options.proxy_url, "oci");
    if (!login.ok()) {
      return Refused(login.status(), absl::StrCat("failed to get credential from ", spec.provider));
    }
    options.credentials = oci::OnlyFor(repository->registry, *std::move(login));
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
    return api::Stalling(api::WithReason(
        Annotate(repository.status(), absl::StrCat("URL validation failed for '", spec.url, "'")),
        "URLInvalid"));
  }
  return OciAccess{*std::move(repository), *std::move(registry)};
}

}  // namespace sluice::source_controller
