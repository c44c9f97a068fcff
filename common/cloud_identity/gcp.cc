// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/gcp.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/cloud_identity/service_account.h"
#include "common/value/json.h"

namespace sluice::cloud_identity {
namespace {

constexpr char kProvider[] = "gcp.auth.fluxcd.io/workload-identity-provider";
constexpr char kGoogleAccount[] = "iam.gke.io/gcp-service-account";
constexpr char kExchangeWhat[] = "failed to exchange the identity token with Google Cloud";
constexpr char kMetadataWhat[] = "failed to get a token from Google Cloud's metadata server";

// Where a service is, unless the variable puts it elsewhere.
std::string Endpoint(const Services& services, absl::string_view variable,
                     absl::string_view usual) {
  const std::string set = services.environment.variable(variable);
  return std::string(absl::StripSuffix(set.empty() ? usual : absl::string_view(set), "/"));
}

http::Request MetadataRequest(const Services& services, absl::string_view path) {
  std::string host = services.environment.variable("GCE_METADATA_HOST");
  if (host.empty()) host = "metadata.google.internal";
  http::Request request;
  request.url = absl::StrCat("http://", host, "/computeMetadata/v1/", path);
  request.headers.Set("Metadata-Flavor", "Google");
  return request;
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

absl::StatusOr<std::string> MetadataText(const Context& ctx, const Services& services,
                                         absl::string_view path) {
  const auto response = services.transport.Send(ctx, MetadataRequest(services, path));
  if (!response.ok()) return Annotate(response.status(), kMetadataWhat);
  if (response->status != 200) {
    return absl::UnavailableError(absl::StrCat(kMetadataWhat, ": HTTP status ", response->status));
  }
  return std::string(absl::StripAsciiWhitespace(response->body));
}

// What the Kubernetes token is for, and what Google calls that.
struct Audience {
  std::string token;
  std::string exchange;
};

absl::StatusOr<Audience> AudienceOf(const Context& ctx, const Services& services,
                                    const kube::ObjectKey& account) {
  auto provider = RequiredAnnotation(ctx, services.client, account, kProvider);
  if (provider.ok()) {
    const std::string audience = absl::StrCat("//iam.googleapis.com/", *provider);
    return Audience{audience, audience};
  }
  if (!absl::IsFailedPrecondition(provider.status())) return provider.status();
  ASSIGN_OR_RETURN(const std::string project, MetadataText(ctx, services, "project/project-id"));
  ASSIGN_OR_RETURN(const std::string location,
                   MetadataText(ctx, services, "instance/attributes/cluster-location"));
  ASSIGN_OR_RETURN(const std::string cluster,
                   MetadataText(ctx, services, "instance/attributes/cluster-name"));
  const std::string pool = absl::StrCat(project, ".svc.id.goog");
  return Audience{pool, absl::StrCat("identitynamespace:", pool,
                                     ":https://container.googleapis.com/v1/projects/", project,
                                     "/locations/", location, "/clusters/", cluster)};
}

// The federated token is exchanged for one of the account of Google's that it may act as.
absl::StatusOr<Credentials> ActAs(const Context& ctx, const Services& services,
                                  const Credentials& federated, absl::string_view google_account,
                                  absl::string_view scope) {
  http::Request request;
  request.method = "POST";
  request.url = absl::StrCat(
      Endpoint(services, "GCP_IAM_CREDENTIALS_ENDPOINT", "https://iamcredentials.googleapis.com"),
      "/v1/projects/-/serviceAccounts/", http::EscapePathSegment(google_account),
      ":generateAccessToken");
  request.headers.Set("Content-Type", "application/json");
  request.headers.Set("Authorization", absl::StrCat("Bearer ", federated.secret.Reveal()));
  request.body = value::FormatJson({{"scope", Value(Value::Array{Value(scope)})}});
  constexpr absl::string_view kWhat = "failed to act as the Google Cloud service account";
  ASSIGN_OR_RETURN(const Value answer, Exchange(ctx, services.transport, request, kWhat));
  Credentials credentials;
  credentials.secret = Secret(std::string(answer["accessToken"].str()));
  if (credentials.secret.empty() || !absl::ParseTime(absl::RFC3339_full, answer["expireTime"].str(),
                                                     &credentials.expires, nullptr)) {
    return absl::UnavailableError(absl::StrCat(kWhat, ": the answer holds no access token"));
  }
  return credentials;
}

absl::StatusOr<Credentials> Federated(const Context& ctx, const Services& services,
                                      const kube::ObjectKey& account, absl::string_view scope) {
  ASSIGN_OR_RETURN(const Audience audience, AudienceOf(ctx, services, account));
  ASSIGN_OR_RETURN(const Secret token, RequestToken(ctx, services.client, account, audience.token));
  const auto google_account = RequiredAnnotation(ctx, services.client, account, kGoogleAccount);
  http::Request request;
  request.method = "POST";
  request.url = absl::StrCat(Endpoint(services, "GCP_STS_ENDPOINT", "https://sts.googleapis.com"),
                             "/v1/token");
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.body = Form(
      {{"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
       {"audience", audience.exchange},
       {"scope", google_account.ok() ? "https://www.googleapis.com/auth/cloud-platform" : scope},
       {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
       {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
       {"subject_token", token.Reveal()}});
  ASSIGN_OR_RETURN(const Value answer, Exchange(ctx, services.transport, request, kExchangeWhat));
  ASSIGN_OR_RETURN(Credentials federated, TokenOf(answer, services.clock.Now(), kExchangeWhat));
  if (!google_account.ok()) {
    if (!absl::IsFailedPrecondition(google_account.status())) return google_account.status();
    return federated;
  }
  return ActAs(ctx, services, federated, *google_account, scope);
}

}  // namespace

absl::StatusOr<Credentials> GcpToken(const Context& ctx, const Services& services,
                                     const Identity& identity, absl::string_view scope) {
  if (identity.has_value()) return Federated(ctx, services, *identity, scope);
  const http::Request request = MetadataRequest(
      services,
      absl::StrCat("instance/service-accounts/default/token?scopes=", http::EscapeQuery(scope)));
  ASSIGN_OR_RETURN(const Value answer, Exchange(ctx, services.transport, request, kMetadataWhat));
  return TokenOf(answer, services.clock.Now(), kMetadataWhat);
}

}  // namespace sluice::cloud_identity
