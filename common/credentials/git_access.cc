// SPDX-License-Identifier: Apache-2.0
#include "common/credentials/git_access.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/cloud_identity/aws.h"
#include "common/cloud_identity/azure.h"
#include "common/cloud_identity/code_commit.h"
#include "common/cloud_identity/github_app.h"
#include "common/cloud_identity/service_account.h"
#include "common/http/client.h"

namespace sluice::credentials {
namespace {

using api::Stalling;
using api::WithReason;
using cloud_identity::GitHubApp;

constexpr char kInvalidProvider[] = "InvalidProviderConfiguration";

absl::Status RefusedAuth(const absl::Status& error, absl::string_view prefix) {
  return WithReason(Annotate(error, prefix), "AuthenticationFailed");
}

absl::Status RefusedOptions(const absl::Status& error) {
  return RefusedAuth(error, "failed to configure authentication options");
}

}  // namespace

GitAuthenticator::GitAuthenticator(const cloud_identity::Services& services,
                                   cloud_identity::TokenCache& tokens, IdentityOptions options)
    : services_(services), tokens_(tokens), options_(std::move(options)) {}

absl::StatusOr<GitAccess> GitAuthenticator::Authenticate(const Context& ctx,
                                                         const cloud_identity::TokenUser& user,
                                                         const std::string& ns,
                                                         const api::GitRepositorySpec& spec) const {
  GitAccess access;
  if (!spec.proxy_secret_name.empty()) {
    auto proxy = ReadProxyUrl(ctx, services_.client, {ns, spec.proxy_secret_name});
    if (!proxy.ok()) return RefusedAuth(proxy.status(), "failed to configure proxy options");
    access.proxy_url = *std::move(proxy);
  }
  SecretData data;
  if (!spec.secret_name.empty()) {
    auto secret = ReadSecret(ctx, services_.client, {ns, spec.secret_name});
    if (!secret.ok()) {
      // Flux doubles the prefix; tools match on it.
      return RefusedAuth(secret.status(),
                         absl::StrCat("failed to get secret '", ns, "/", spec.secret_name, "'"));
    }
    data = *std::move(secret);
  }
  auto auth = git::AuthFromSecret(spec.url, data);
  if (!auth.ok()) return RefusedOptions(auth.status());
  access.auth = *std::move(auth);
  RETURN_IF_ERROR(FromProvider(ctx, user, ns, spec, data, access));
  return access;
}

absl::Status GitAuthenticator::FromProvider(const Context& ctx,
                                            const cloud_identity::TokenUser& user,
                                            const std::string& ns,
                                            const api::GitRepositorySpec& spec,
                                            const SecretData& data, GitAccess& access) const {
  if (spec.provider == "github") return FromGitHub(ctx, user, ns, spec, data, access);
  if (spec.provider == "azure" || spec.provider == "aws") return FromCloud(ctx, user, spec, access);
  if (GitHubApp::In(data)) {
    return WithReason(absl::FailedPreconditionError(
                          absl::StrCat("secretRef '", ns, "/", spec.secret_name,
                                       "' has github app data but provider is not set to github")),
                      kInvalidProvider);
  }
  return absl::OkStatus();
}

absl::Status GitAuthenticator::FromGitHub(const Context& ctx, const cloud_identity::TokenUser& user,
                                          const std::string& ns, const api::GitRepositorySpec& spec,
                                          const SecretData& data, GitAccess& access) const {
  const absl::Status missing = WithReason(
      absl::FailedPreconditionError(
          "secretRef with github app data must be specified when provider is set to github"),
      kInvalidProvider);
  if (spec.secret_name.empty()) return Stalling(missing);
  if (!GitHubApp::In(data)) return missing;
  const kube::ObjectKey secret = {ns, spec.secret_name};
  const auto app = GitHubApp::FromSecret(data, absl::StrCat(ns, "/", spec.secret_name));
  if (!app.ok()) return RefusedOptions(app.status());
  const auto token = tokens_.Get(
      app->CacheKey(),
      [&]() -> absl::StatusOr<cloud_identity::Credentials> {
        http::ClientOptions client;
        ASSIGN_OR_RETURN(client.tls, TlsFromSecret(data, secret, /*required=*/false));
        client.proxy_url = access.proxy_url;
        ASSIGN_OR_RETURN(const auto transport, http::CreateClient(std::move(client)));
        return cloud_identity::GitHubToken(ctx, *transport, *app, services_.clock);
      },
      user);
  if (!token.ok()) return RefusedOptions(token.status());
  access.auth.bearer_token = Secret();
  access.auth.username = cloud_identity::kGitHubTokenUser;
  access.auth.password = token->secret;
  return absl::OkStatus();
}

absl::Status GitAuthenticator::FromCloud(const Context& ctx, const cloud_identity::TokenUser& user,
                                         const api::GitRepositorySpec& spec,
                                         GitAccess& access) const {
  RETURN_IF_ERROR(CheckIdentityGate(spec.provider, spec.service_account_name, options_));
  const cloud_identity::Identity identity =
      IdentityOf(user.key.ns, spec.service_account_name, options_);
  std::string key = absl::StrCat("git\n", spec.provider, "\n", access.proxy_url, "\n");
  if (identity.has_value()) {
    const auto account_key = cloud_identity::AccountKey(ctx, services_.client, *identity);
    if (!account_key.ok()) return RefusedOptions(account_key.status());
    absl::StrAppend(&key, *account_key);
  }
  std::unique_ptr<http::Transport> proxied;
  if (!access.proxy_url.empty()) {
    auto client = http::CreateClient({.proxy_url = access.proxy_url});
    if (!client.ok()) return RefusedOptions(client.status());
    proxied = *std::move(client);
  }
  const cloud_identity::Services services = {services_.client,
                                             proxied ? *proxied : services_.transport,
                                             services_.environment, services_.clock};
  access.auth.username.clear();
  access.auth.password = Secret();
  access.auth.bearer_token = Secret();
  if (spec.provider == "azure") {
    const auto token = tokens_.Get(
        key,
        [&] {
          return cloud_identity::AzureToken(ctx, services, identity,
                                            cloud_identity::kAzureDevOpsScope);
        },
        user);
    if (!token.ok()) return RefusedOptions(token.status());
    access.auth.bearer_token = token->secret;
    return absl::OkStatus();
  }
  const auto repository_region = cloud_identity::CodeCommitRegion(spec.url);
  if (!repository_region.ok()) return RefusedOptions(repository_region.status());
  std::string region = cloud_identity::AwsRegion(services_.environment);
  if (region.empty()) region = *repository_region;
  const auto credentials = tokens_.Get(
      absl::StrCat(key, "\n", region),
      [&] { return cloud_identity::AwsCredentials(ctx, services, identity, region); }, user);
  if (!credentials.ok()) return RefusedOptions(credentials.status());
  auto basic = cloud_identity::CodeCommitCredentials(spec.url, *credentials, services_.clock.Now());
  if (!basic.ok()) return RefusedOptions(basic.status());
  access.auth.username = std::move(basic->username);
  access.auth.password = std::move(basic->password);
  return absl::OkStatus();
}

}  // namespace sluice::credentials
