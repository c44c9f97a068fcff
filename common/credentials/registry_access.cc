// SPDX-License-Identifier: Apache-2.0
#include "common/credentials/registry_access.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/cloud_identity/registry.h"
#include "common/cloud_identity/service_account.h"
#include "common/credentials/secret.h"
#include "common/http/client.h"

namespace sluice::credentials {
namespace {

constexpr char kDockerConfig[] = ".dockercfg";
constexpr absl::Duration kLoginTimeout = absl::Seconds(10);

}  // namespace

absl::StatusOr<std::vector<std::string>> PullSecretNames(const Context& ctx, kube::Client& client,
                                                         const std::string& ns,
                                                         const std::string& secret,
                                                         const std::string& service_account) {
  std::vector<std::string> names;
  if (!secret.empty()) names.push_back(secret);
  if (service_account.empty()) return names;
  ASSIGN_OR_RETURN(const Value account,
                   cloud_identity::ReadAccount(ctx, client, {ns, service_account}));
  for (const Value& pulled : account["imagePullSecrets"].items()) {
    if (const absl::string_view name = pulled["name"].str(); !name.empty()) {
      names.emplace_back(name);
    }
  }
  return names;
}

absl::StatusOr<oci::Keyring> ReadPullSecrets(
    const Context& ctx, kube::Client& client, const std::string& ns,
    const std::vector<std::string>& names,
    absl::FunctionRef<void(const std::string& name)> missing) {
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

absl::StatusOr<oci::Credential> RegistryLogin(
    const Context& ctx, const cloud_identity::Services& services,
    cloud_identity::TokenCache& tokens, const cloud_identity::Identity& identity,
    absl::string_view provider, const std::string& registry, const std::string& proxy_url,
    absl::string_view user) {
  ASSIGN_OR_RETURN(const auto transport, http::CreateClient({.proxy_url = proxy_url}));
  const cloud_identity::Services proxied = {services.client, *transport, services.environment,
                                            services.clock};
  ASSIGN_OR_RETURN(
      const cloud_identity::Credentials login,
      cloud_identity::CachedRegistryLogin(ctx.WithTimeout(kLoginTimeout), proxied, tokens, identity,
                                          provider, registry, absl::StrCat(user, "\n", proxy_url)));
  oci::Credential credential;
  credential.username = login.access_key_id;
  credential.password = login.secret;
  return credential;
}

}  // namespace sluice::credentials
