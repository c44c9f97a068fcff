// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/registry.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/s3_signer.h"
#include "common/cloud_identity/aws.h"
#include "common/cloud_identity/azure.h"
#include "common/cloud_identity/google.h"
#include "common/cloud_identity/service_account.h"
#include "common/text/regexp.h"

namespace sluice::cloud_identity {
namespace {

struct Provider {
  const char* name;
  const char* title;
  const char* pattern;  // of its registries' hosts
};
constexpr Provider kProviders[] = {
    {"aws", "AWS",
     R"(^(\d{12}\.dkr[.-]ecr(-fips)?\.[a-zA-Z0-9][a-zA-Z0-9_-]*)"
     R"(\.(amazonaws\.(com(\.cn)?|eu)|on\.(aws|amazonwebservices\.com\.cn)|sc2s\.sgov\.gov)"
     R"(|c2s\.ic\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)|public\.ecr\.aws)$)"},
    {"azure", "Azure", R"(^.+\.(azurecr\.io|azurecr\.cn|azurecr\.de|azurecr\.us)$)"},
    {"gcp", "GCP", R"(^(((.+\.)?gcr\.io)|(.+-docker\.pkg\.dev))$)"},
};

constexpr char kPublicEcr[] = "public.ecr.aws";
constexpr char kPublicEcrRegion[] = "us-east-1";
constexpr char kAzureUser[] = "00000000-0000-0000-0000-000000000000";
constexpr char kGoogleUser[] = "oauth2accesstoken";

// "AWS:password" as base64, and when it ends.
absl::StatusOr<Credentials> EcrLogin(const Context& ctx, const Services& services,
                                     const Identity& identity, const std::string& host) {
  const bool is_public = host == kPublicEcr;
  // 123456789012.dkr.ecr.<region>.…, or 123456789012.dkr-ecr.<region>.…
  const std::vector<std::string> labels = absl::StrSplit(host, '.');
  const size_t service_label = labels[1] == "dkr" ? 2 : 1;
  const std::string region = is_public ? kPublicEcrRegion : labels[service_label + 1];
  ASSIGN_OR_RETURN(const Credentials keys, AwsCredentials(ctx, services, identity, region));
  std::string endpoint = services.environment.variable(is_public ? "AWS_ENDPOINT_URL_ECR_PUBLIC"
                                                                 : "AWS_ENDPOINT_URL_ECR");
  if (endpoint.empty()) {
    const bool fips = !is_public && absl::EndsWith(labels[service_label], "-fips");
    endpoint = absl::StrCat("https://", fips ? "ecr-fips." : "api.ecr", is_public ? "-public." : "",
                            fips || is_public ? "" : ".", region, ".amazonaws.com",
                            absl::StartsWith(region, "cn-") ? ".cn" : "");
  }
  http::Request request;
  request.method = "POST";
  request.url = absl::StrCat(endpoint, absl::EndsWith(endpoint, "/") ? "" : "/");
  request.headers.Set("Content-Type", "application/x-amz-json-1.1");
  request.headers.Set("X-Amz-Target",
                      is_public ? "SpencerFrontendService.GetAuthorizationToken"
                                : "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken");
  request.body = "{}";
  RETURN_IF_ERROR(bucket::Sign({keys.access_key_id, keys.secret, keys.session_token},
                               {region, is_public ? "ecr-public" : "ecr"}, services.clock.Now(),
                               request));
  constexpr absl::string_view kWhat = "failed to get an authorization token of ECR";
  ASSIGN_OR_RETURN(const Value answer, Exchange(ctx, services.transport, request, kWhat));
  const Value& data = answer["authorizationData"];
  const Value& token = data.is_array() ? data.at(0) : data;
  std::string decoded;
  const size_t colon = absl::Base64Unescape(token["authorizationToken"].str(), &decoded)
                           ? decoded.find(':')
                           : std::string::npos;
  if (colon == std::string::npos) {
    return absl::UnavailableError(absl::StrCat(kWhat, ": the answer holds none"));
  }
  Credentials login;
  login.access_key_id = decoded.substr(0, colon);
  login.secret = Secret(decoded.substr(colon + 1));
  login.expires = absl::UnixEpoch() + absl::Seconds(token["expiresAt"].double_or(0));
  return login;
}

// "exp" of a token's claims, which nobody checks here; InfinitePast() if there is none.
absl::Time ExpiryOf(absl::string_view jwt) {
  const int64_t seconds = UncheckedClaims(jwt)["exp"].int_or(0);
  return seconds > 0 ? absl::FromUnixSeconds(seconds) : absl::InfinitePast();
}

absl::StatusOr<Credentials> AcrLogin(const Context& ctx, const Services& services,
                                     const Identity& identity, const std::string& host) {
  const char* const manager =
      absl::EndsWith(host, ".azurecr.cn")   ? "https://management.chinacloudapi.cn"
      : absl::EndsWith(host, ".azurecr.us") ? "https://management.usgovcloudapi.net"
                                            : "https://management.azure.com";
  ASSIGN_OR_RETURN(const Credentials token,
                   AzureToken(ctx, services, identity, absl::StrCat(manager, "/.default")));
  http::Request request;
  request.method = "POST";
  request.url = absl::StrCat("https://", host, "/oauth2/exchange");
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.body = Form(
      {{"grant_type", "access_token"}, {"service", host}, {"access_token", token.secret.Reveal()}});
  constexpr absl::string_view kWhat = "failed to exchange the token with the Azure registry";
  ASSIGN_OR_RETURN(const Value answer, Exchange(ctx, services.transport, request, kWhat));
  Credentials login;
  login.access_key_id = kAzureUser;
  login.secret = Secret(std::string(answer["refresh_token"].str()));
  if (login.secret.empty()) {
    return absl::UnavailableError(absl::StrCat(kWhat, ": the answer holds no refresh token"));
  }
  login.expires = ExpiryOf(login.secret.Reveal());
  return login;
}

}  // namespace

absl::Status CheckRegistry(absl::string_view provider, absl::string_view host) {
  for (const Provider& known : kProviders) {
    if (provider != known.name) continue;
    ASSIGN_OR_RETURN(const text::Regexp pattern, text::Regexp::Compile(known.pattern));
    if (pattern.MatchesIn(host)) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat("invalid ", known.title, " registry: '", host,
                                                   "'. must match ", known.pattern));
  }
  return absl::InvalidArgumentError(absl::StrCat("unsupported provider '", provider, "'"));
}

absl::StatusOr<Credentials> RegistryLogin(const Context& ctx, const Services& services,
                                          const Identity& identity, absl::string_view provider,
                                          const std::string& host) {
  RETURN_IF_ERROR(CheckRegistry(provider, host));
  if (provider == "aws") return EcrLogin(ctx, services, identity, host);
  if (provider == "azure") return AcrLogin(ctx, services, identity, host);
  ASSIGN_OR_RETURN(Credentials login, GoogleToken(ctx, services, identity));
  login.access_key_id = kGoogleUser;
  return login;
}

absl::StatusOr<Credentials> CachedRegistryLogin(const Context& ctx, const Services& services,
                                                TokenCache& cache, const Identity& identity,
                                                absl::string_view provider, const std::string& host,
                                                absl::string_view scope) {
  RETURN_IF_ERROR(CheckRegistry(provider, host));
  std::string key = absl::StrCat("registry\n", provider, "\n", host, "\n", scope, "\n");
  if (identity.has_value()) {
    ASSIGN_OR_RETURN(const std::string account, AccountKey(ctx, services.client, *identity));
    absl::StrAppend(&key, account);
  }
  return cache.Get(key, [&] { return RegistryLogin(ctx, services, identity, provider, host); });
}

}  // namespace sluice::cloud_identity
