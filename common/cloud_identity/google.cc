// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/google.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/jwt.h"
#include "common/cloud_identity/service_account.h"
#include "common/kube/object.h"
#include "common/text/regexp.h"
#include "common/value/json.h"

namespace sluice::cloud_identity {
namespace {

constexpr char kScope[] = "https://www.googleapis.com/auth/cloud-platform";
constexpr char kEmail[] = "iam.gke.io/gcp-service-account";
constexpr char kEmailPattern[] =
    R"(^[a-zA-Z0-9-]{1,100}@[a-zA-Z0-9-]{1,100}\.iam\.gserviceaccount\.com$)";
constexpr char kProvider[] = "gcp.auth.fluxcd.io/workload-identity-provider";
constexpr char kProviderPattern[] =
    R"(^projects/\d{1,30}/locations/global/workloadIdentityPools/[^/]{1,100})"
    R"(/providers/[^/]{1,100}$)";
constexpr char kJwtType[] = "urn:ietf:params:oauth:token-type:jwt";
constexpr char kExchangeWhat[] = "failed to exchange the identity token with Google";

std::string Endpoint(const Services& services, absl::string_view variable,
                     absl::string_view fallback) {
  std::string endpoint = services.environment.variable(variable);
  if (endpoint.empty()) endpoint = std::string(fallback);
  while (!endpoint.empty() && endpoint.back() == '/') endpoint.pop_back();
  return endpoint;
}

http::Request MetadataRequest(const Services& services, absl::string_view path) {
  http::Request request;
  request.url = absl::StrCat("http://", Endpoint(services, "GCE_METADATA_HOST", "169.254.169.254"),
                             "/computeMetadata/v1/", path);
  request.headers.Set("Metadata-Flavor", "Google");
  return request;
}

absl::StatusOr<std::string> ClusterFact(const Context& ctx, const Services& services,
                                        absl::string_view path, absl::string_view what) {
  const std::string failure =
      absl::StrCat("failed to get GKE cluster ", what, " from the metadata service");
  const auto response = services.transport.Send(ctx, MetadataRequest(services, path));
  if (!response.ok()) return Annotate(response.status(), failure);
  if (response->status != 200) {
    return absl::UnavailableError(absl::StrCat(failure, ": HTTP status ", response->status));
  }
  std::string value(absl::StripAsciiWhitespace(response->body));
  if (value.empty()) return absl::UnavailableError(absl::StrCat(failure, ": empty value"));
  return value;
}

absl::StatusOr<Credentials> TokenOf(const Value& answer, absl::Time now, absl::string_view what) {
  Credentials credentials;
  credentials.secret = Secret(std::string(answer["access_token"].str()));
  if (credentials.secret.empty()) {
    return absl::UnavailableError(absl::StrCat(what, ": the answer holds no access token"));
  }
  credentials.expires = now + absl::Seconds(answer["expires_in"].int_or(0));
  return credentials;
}

// The annotation `name` of an account, "" if it has none; it goes into URLs, so it must match.
absl::StatusOr<std::string> Annotation(const Value& account, absl::string_view name,
                                       absl::string_view pattern) {
  std::string value(kube::Annotation(account, name));
  if (value.empty()) return value;
  ASSIGN_OR_RETURN(const text::Regexp regexp, text::Regexp::Compile(pattern));
  if (!regexp.MatchesIn(value)) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid ", name, " annotation: '", value, "'. must match ", pattern));
  }
  return value;
}

struct Exchanged {
  std::string token_url;  // of the Security Token Service
  std::string audience;
  std::string token_type = kJwtType;
  Secret token;
  std::string impersonation_url;  // "" for direct access
};

absl::StatusOr<Credentials> Impersonate(const Context& ctx, const Services& services,
                                        const std::string& url, const Secret& token) {
  constexpr absl::string_view kWhat = "failed to impersonate the Google service account";
  http::Request request;
  request.method = "POST";
  request.url = url;
  request.headers.Set("Content-Type", "application/json");
  request.headers.Set("Authorization", absl::StrCat("Bearer ", token.Reveal()));
  request.body = value::FormatJson(
      Value({{"lifetime", "3600s"}, {"scope", Value(Value::Array{Value(kScope)})}}));
  ASSIGN_OR_RETURN(const Value answer, Exchange(ctx, services.transport, request, kWhat));
  Credentials credentials;
  credentials.secret = Secret(std::string(answer["accessToken"].str()));
  std::string unused;
  if (credentials.secret.empty() || !absl::ParseTime(absl::RFC3339_full, answer["expireTime"].str(),
                                                     &credentials.expires, &unused)) {
    return absl::UnavailableError(absl::StrCat(kWhat, ": the answer holds no access token"));
  }
  return credentials;
}

absl::StatusOr<Credentials> ExchangeToken(const Context& ctx, const Services& services,
                                          const Exchanged& exchanged) {
  http::Request request;
  request.method = "POST";
  request.url = exchanged.token_url;
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.body = Form({{"audience", exchanged.audience},
                       {"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                       {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                       {"scope", kScope},
                       {"subject_token", exchanged.token.Reveal()},
                       {"subject_token_type", exchanged.token_type}});
  ASSIGN_OR_RETURN(const Value answer, Exchange(ctx, services.transport, request, kExchangeWhat));
  ASSIGN_OR_RETURN(Credentials credentials, TokenOf(answer, services.clock.Now(), kExchangeWhat));
  if (exchanged.impersonation_url.empty()) return credentials;
  return Impersonate(ctx, services, exchanged.impersonation_url, credentials.secret);
}

absl::StatusOr<Credentials> OfAccount(const Context& ctx, const Services& services,
                                      const kube::ObjectKey& key) {
  ASSIGN_OR_RETURN(const Value account, ReadAccount(ctx, services.client, key));
  ASSIGN_OR_RETURN(const std::string provider, Annotation(account, kProvider, kProviderPattern));
  ASSIGN_OR_RETURN(const std::string email, Annotation(account, kEmail, kEmailPattern));
  Exchanged exchanged;
  exchanged.token_url = absl::StrCat(
      Endpoint(services, "CLOUDSDK_API_ENDPOINT_OVERRIDES_STS", "https://sts.googleapis.com"),
      "/v1/token");
  std::string token_audience;
  if (!provider.empty()) {
    exchanged.audience = absl::StrCat("//iam.googleapis.com/", provider);
    token_audience = exchanged.audience;
  } else {
    ASSIGN_OR_RETURN(const std::string project,
                     ClusterFact(ctx, services, "project/project-id", "project ID"));
    ASSIGN_OR_RETURN(
        const std::string location,
        ClusterFact(ctx, services, "instance/attributes/cluster-location", "location"));
    ASSIGN_OR_RETURN(const std::string name,
                     ClusterFact(ctx, services, "instance/attributes/cluster-name", "name"));
    token_audience = absl::StrCat(project, ".svc.id.goog");
    exchanged.audience = absl::StrCat("identitynamespace:", token_audience,
                                      ":https://container.googleapis.com/v1/projects/", project,
                                      "/locations/", location, "/clusters/", name);
  }
  ASSIGN_OR_RETURN(exchanged.token, RequestToken(ctx, services.client, key, token_audience));
  if (!email.empty()) {
    exchanged.impersonation_url =
        absl::StrCat(Endpoint(services, "CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS",
                              "https://iamcredentials.googleapis.com"),
                     "/v1/projects/-/serviceAccounts/", email, ":generateAccessToken");
  }
  return ExchangeToken(ctx, services, exchanged);
}

// The key of a service account signs a request for a token of its own (RFC 7523).
absl::StatusOr<Credentials> OfKey(const Context& ctx, const Services& services, const Value& file) {
  const absl::Time now = services.clock.Now();
  const std::string token_url(file["token_uri"].string_or("https://oauth2.googleapis.com/token"));
  ASSIGN_OR_RETURN(Secret assertion,
                   bucket::SignJwt(Secret(std::string(file["private_key"].str())),
                                   Value({{"kid", file["private_key_id"].str()}}),
                                   Value({{"iss", file["client_email"].str()},
                                          {"aud", token_url},
                                          {"scope", kScope},
                                          {"iat", absl::ToUnixSeconds(now)},
                                          {"exp", absl::ToUnixSeconds(now + absl::Hours(1))}})));
  ASSIGN_OR_RETURN(
      bucket::BearerToken token,
      bucket::RequestToken(ctx, services.transport, token_url,
                           {{"grant_type", Secret("urn:ietf:params:oauth:grant-type:jwt-bearer")},
                            {"assertion", std::move(assertion)}},
                           now));
  Credentials credentials;
  credentials.secret = std::move(token.token);
  credentials.expires = token.expires;
  return credentials;
}

absl::StatusOr<Credentials> OfExternalAccount(const Context& ctx, const Services& services,
                                              const Value& file) {
  const Value& source = file["credential_source"];
  const std::string path(source["file"].str());
  if (path.empty()) {
    return absl::UnimplementedError(
        "GOOGLE_APPLICATION_CREDENTIALS: expected an external account whose credential_source is "
        "a file");
  }
  ASSIGN_OR_RETURN(const std::string text, services.environment.file(path));
  Exchanged exchanged;
  exchanged.token = Secret(std::string(absl::StripAsciiWhitespace(text)));
  if (source["format"]["type"].str() == "json") {
    const auto parsed = value::ParseJson(text);
    const absl::string_view field = source["format"]["subject_token_field_name"].str();
    exchanged.token = Secret(std::string(parsed.ok() ? (*parsed)[field].str() : ""));
  }
  if (exchanged.token.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat("GOOGLE_APPLICATION_CREDENTIALS: there is no token in ", path));
  }
  exchanged.token_url = std::string(file["token_url"].str());
  exchanged.audience = std::string(file["audience"].str());
  exchanged.token_type = std::string(file["subject_token_type"].string_or(kJwtType));
  exchanged.impersonation_url = std::string(file["service_account_impersonation_url"].str());
  return ExchangeToken(ctx, services, exchanged);
}

}  // namespace

absl::StatusOr<Credentials> GoogleToken(const Context& ctx, const Services& services,
                                        const Identity& identity) {
  if (identity.has_value()) return OfAccount(ctx, services, *identity);
  const std::string path = services.environment.variable("GOOGLE_APPLICATION_CREDENTIALS");
  if (!path.empty()) {
    ASSIGN_OR_RETURN(const std::string text, services.environment.file(path));
    const auto file = value::ParseJson(text);
    const absl::string_view type = file.ok() ? (*file)["type"].str() : "";
    if (type == "service_account") return OfKey(ctx, services, *file);
    if (type == "external_account") return OfExternalAccount(ctx, services, *file);
    return absl::InvalidArgumentError(
        "GOOGLE_APPLICATION_CREDENTIALS: expected a file of type service_account or "
        "external_account");
  }
  constexpr absl::string_view kWhat = "failed to get a token of the machine's service account";
  ASSIGN_OR_RETURN(
      const Value answer,
      Exchange(ctx, services.transport,
               MetadataRequest(services, absl::StrCat("instance/service-accounts/default/token?",
                                                      Form({{"scopes", kScope}}))),
               kWhat));
  return TokenOf(answer, services.clock.Now(), kWhat);
}

}  // namespace sluice::cloud_identity
