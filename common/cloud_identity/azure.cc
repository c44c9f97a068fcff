// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/azure.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"
#include "common/cloud_identity/service_account.h"

namespace sluice::cloud_identity {
namespace {

constexpr char kAudience[] = "api://AzureADTokenExchange";
constexpr char kClientId[] = "azure.workload.identity/client-id";
constexpr char kTenantId[] = "azure.workload.identity/tenant-id";
constexpr char kPublicCloud[] = "https://login.microsoftonline.com/";
constexpr char kMetadataService[] = "http://169.254.169.254/";

std::string WithSlash(std::string url) {
  if (!url.empty() && url.back() != '/') url.push_back('/');
  return url;
}

absl::StatusOr<Credentials> TokenOf(const Value& answer, absl::Time now, absl::string_view what) {
  Credentials credentials;
  credentials.secret = Secret(std::string(answer["access_token"].str()));
  if (credentials.secret.empty()) {
    return absl::UnavailableError(absl::StrCat(what, ": the answer holds no access token"));
  }
  // The metadata service sends numbers as text.
  int64_t seconds = answer["expires_in"].int_or(0);
  if (seconds == 0 && !absl::SimpleAtoi(answer["expires_in"].str(), &seconds)) seconds = 0;
  credentials.expires = now + absl::Seconds(seconds);
  return credentials;
}

absl::StatusOr<Credentials> Federated(const Context& ctx, const Services& services,
                                      absl::string_view tenant, absl::string_view client,
                                      const Secret& assertion, absl::string_view scope) {
  std::string authority = WithSlash(services.environment.variable("AZURE_AUTHORITY_HOST"));
  if (authority.empty()) authority = kPublicCloud;
  http::Request request;
  request.method = "POST";
  request.url = absl::StrCat(authority, http::EscapePathSegment(tenant), "/oauth2/v2.0/token");
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.body =
      Form({{"grant_type", "client_credentials"},
            {"client_id", client},
            {"scope", scope},
            {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
            {"client_assertion", assertion.Reveal()}});
  constexpr absl::string_view kWhat = "failed to exchange the identity token with Azure";
  ASSIGN_OR_RETURN(const Value answer, Exchange(ctx, services.transport, request, kWhat));
  return TokenOf(answer, services.clock.Now(), kWhat);
}

absl::StatusOr<Credentials> Managed(const Context& ctx, const Services& services,
                                    absl::string_view client, absl::string_view scope) {
  std::string endpoint =
      WithSlash(services.environment.variable("AZURE_POD_IDENTITY_AUTHORITY_HOST"));
  if (endpoint.empty()) endpoint = kMetadataService;
  http::Request request;
  request.url = absl::StrCat(
      endpoint, "metadata/identity/oauth2/token?",
      Form({{"api-version", "2018-02-01"}, {"resource", absl::StripSuffix(scope, "/.default")}}));
  if (!client.empty()) absl::StrAppend(&request.url, "&", Form({{"client_id", client}}));
  request.headers.Set("Metadata", "true");
  constexpr absl::string_view kWhat = "failed to get a token of the managed identity";
  ASSIGN_OR_RETURN(const Value answer, Exchange(ctx, services.transport, request, kWhat));
  return TokenOf(answer, services.clock.Now(), kWhat);
}

}  // namespace

absl::StatusOr<Credentials> AzureToken(const Context& ctx, const Services& services,
                                       const Identity& identity, absl::string_view scope) {
  if (identity.has_value()) {
    ASSIGN_OR_RETURN(const std::string tenant,
                     RequiredAnnotation(ctx, services.client, *identity, kTenantId));
    ASSIGN_OR_RETURN(const std::string client,
                     RequiredAnnotation(ctx, services.client, *identity, kClientId));
    ASSIGN_OR_RETURN(const Secret assertion,
                     RequestToken(ctx, services.client, *identity, kAudience));
    return Federated(ctx, services, tenant, client, assertion, scope);
  }
  const auto variable = services.environment.variable;
  const std::string client = variable("AZURE_CLIENT_ID");
  const std::string tenant = variable("AZURE_TENANT_ID");
  const std::string path = variable("AZURE_FEDERATED_TOKEN_FILE");
  if (path.empty() || client.empty() || tenant.empty()) {
    return Managed(ctx, services, client, scope);
  }
  ASSIGN_OR_RETURN(const std::string text, services.environment.file(path));
  return Federated(ctx, services, tenant, client,
                   Secret(std::string(absl::StripAsciiWhitespace(text))), scope);
}

}  // namespace sluice::cloud_identity
