// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/aws.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/cloud_identity/service_account.h"

namespace sluice::cloud_identity {
namespace {

constexpr char kAudience[] = "sts.amazonaws.com";
constexpr char kRole[] = "eks.amazonaws.com/role-arn";
constexpr char kMetadataService[] = "http://169.254.169.254";
constexpr size_t kMaxSessionName = 64;
constexpr char kMetadataWhat[] = "failed to get the credentials of the machine's role";

// The text of the first element `name` of an XML document, "" if there is none.
std::string ElementText(absl::string_view xml, absl::string_view name) {
  const std::string begin = absl::StrCat("<", name, ">");
  const size_t start = xml.find(begin);
  if (start == absl::string_view::npos) return "";
  const size_t end = xml.find(absl::StrCat("</", name, ">"), start);
  if (end == absl::string_view::npos) return "";
  const absl::string_view text = xml.substr(start + begin.size(), end - start - begin.size());
  return absl::StrReplaceAll(absl::StripAsciiWhitespace(text),
                             {{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&amp;", "&"}});
}

absl::StatusOr<absl::Time> Expiration(absl::string_view text, absl::string_view what) {
  absl::Time time;
  std::string unused;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &unused)) return time;
  return absl::UnavailableError(absl::StrCat(what, ": the answer says no time of expiry"));
}

absl::StatusOr<Credentials> AssumeRole(const Context& ctx, const Services& services,
                                       absl::string_view role, absl::string_view session,
                                       const Secret& token, const std::string& region) {
  std::string endpoint = services.environment.variable("AWS_ENDPOINT_URL_STS");
  if (endpoint.empty()) {
    endpoint = region.empty() ? "https://sts.amazonaws.com"
                              : absl::StrCat("https://sts.", region, ".amazonaws.com",
                                             absl::StartsWith(region, "cn-") ? ".cn" : "");
  }
  http::Request request;
  request.method = "POST";
  request.url = endpoint;
  request.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  request.body = Form({{"Action", "AssumeRoleWithWebIdentity"},
                       {"Version", "2011-06-15"},
                       {"RoleArn", role},
                       {"RoleSessionName", session.substr(0, kMaxSessionName)},
                       {"WebIdentityToken", token.Reveal()}});
  const std::string what = absl::StrCat("failed to assume role '", role, "'");
  const auto response = services.transport.Send(ctx, request);
  if (!response.ok()) return Annotate(response.status(), what);
  if (response->status != 200) {
    const std::string message = absl::StrCat(what, ": HTTP status ", response->status, ", ",
                                             ElementText(response->body, "Code"), ": ",
                                             ElementText(response->body, "Message"));
    return response->status >= 500 ? absl::UnavailableError(message)
                                   : absl::PermissionDeniedError(message);
  }
  Credentials credentials;
  credentials.access_key_id = ElementText(response->body, "AccessKeyId");
  credentials.secret = Secret(ElementText(response->body, "SecretAccessKey"));
  credentials.session_token = Secret(ElementText(response->body, "SessionToken"));
  if (credentials.access_key_id.empty() || credentials.secret.empty()) {
    return absl::UnavailableError(absl::StrCat(what, ": the answer holds no credentials"));
  }
  ASSIGN_OR_RETURN(credentials.expires,
                   Expiration(ElementText(response->body, "Expiration"), what));
  return credentials;
}

// Credentials as the container and the machine's metadata services send them.
absl::StatusOr<Credentials> FromJson(const Value& answer, absl::string_view what) {
  Credentials credentials;
  credentials.access_key_id = std::string(answer["AccessKeyId"].str());
  credentials.secret = Secret(std::string(answer["SecretAccessKey"].str()));
  credentials.session_token = Secret(std::string(answer["Token"].str()));
  if (credentials.access_key_id.empty() || credentials.secret.empty()) {
    return absl::UnavailableError(absl::StrCat(what, ": the answer holds no credentials"));
  }
  ASSIGN_OR_RETURN(credentials.expires, Expiration(answer["Expiration"].str(), what));
  return credentials;
}

absl::StatusOr<Credentials> FromContainer(const Context& ctx, const Services& services,
                                          const std::string& url) {
  constexpr absl::string_view kWhat = "failed to get the credentials of the pod's identity";
  http::Request request;
  request.url = url;
  std::string token = services.environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (const std::string path =
          services.environment.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
      !path.empty()) {
    ASSIGN_OR_RETURN(token, services.environment.file(path));
  }
  if (!token.empty()) request.headers.Set("Authorization", absl::StripAsciiWhitespace(token));
  ASSIGN_OR_RETURN(const Value answer, Exchange(ctx, services.transport, request, kWhat));
  return FromJson(answer, kWhat);
}

absl::StatusOr<std::string> Metadata(const Context& ctx, const Services& services,
                                     http::Request request) {
  const auto response = services.transport.Send(ctx, request);
  if (!response.ok()) return Annotate(response.status(), kMetadataWhat);
  if (response->status == 200) return response->body;
  return absl::UnavailableError(absl::StrCat(kMetadataWhat, ": HTTP status ", response->status));
}

// IMDSv2.
absl::StatusOr<Credentials> FromMachine(const Context& ctx, const Services& services) {
  std::string endpoint = services.environment.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (endpoint.empty()) endpoint = kMetadataService;
  while (absl::EndsWith(endpoint, "/")) endpoint.pop_back();
  http::Request session;
  session.method = "PUT";
  session.url = absl::StrCat(endpoint, "/latest/api/token");
  session.headers.Set("X-aws-ec2-metadata-token-ttl-seconds", "300");
  ASSIGN_OR_RETURN(const std::string token, Metadata(ctx, services, session));
  http::Request request;
  request.url = absl::StrCat(endpoint, "/latest/meta-data/iam/security-credentials/");
  request.headers.Set("X-aws-ec2-metadata-token", token);
  ASSIGN_OR_RETURN(const std::string names, Metadata(ctx, services, request));
  const absl::string_view role =
      absl::StripAsciiWhitespace(absl::string_view(names).substr(0, names.find('\n')));
  if (role.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(kMetadataWhat, ": it has no role"));
  }
  absl::StrAppend(&request.url, http::EscapePathSegment(role));
  ASSIGN_OR_RETURN(const Value answer, Exchange(ctx, services.transport, request, kMetadataWhat));
  return FromJson(answer, kMetadataWhat);
}

}  // namespace

std::string AwsRegion(const Environment& environment) {
  const std::string region = environment.variable("AWS_REGION");
  return region.empty() ? environment.variable("AWS_DEFAULT_REGION") : region;
}

absl::StatusOr<Credentials> AwsCredentials(const Context& ctx, const Services& services,
                                           const Identity& identity, const std::string& region) {
  if (identity.has_value()) {
    if (region.empty()) {
      return absl::FailedPreconditionError(
          "AWS_REGION is not set: a service account's role is "
          "assumed in a region");
    }
    ASSIGN_OR_RETURN(const std::string role,
                     RequiredAnnotation(ctx, services.client, *identity, kRole));
    ASSIGN_OR_RETURN(const Secret token, RequestToken(ctx, services.client, *identity, kAudience));
    return AssumeRole(ctx, services, role,
                      absl::StrCat(identity->name, ".", identity->ns, ".", region, ".fluxcd.io"),
                      token, region);
  }
  const auto variable = services.environment.variable;
  if (const std::string id = variable("AWS_ACCESS_KEY_ID"),
      secret = variable("AWS_SECRET_ACCESS_KEY");
      !id.empty() && !secret.empty()) {
    return Credentials{id, Secret(secret), Secret(variable("AWS_SESSION_TOKEN"))};
  }
  if (const std::string path = variable("AWS_WEB_IDENTITY_TOKEN_FILE"),
      role = variable("AWS_ROLE_ARN");
      !path.empty() && !role.empty()) {
    ASSIGN_OR_RETURN(const std::string token, services.environment.file(path));
    const std::string session = variable("AWS_ROLE_SESSION_NAME");
    return AssumeRole(ctx, services, role, session.empty() ? "sluice" : session,
                      Secret(std::string(absl::StripAsciiWhitespace(token))), region);
  }
  if (const std::string url = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"); !url.empty()) {
    return FromContainer(ctx, services, url);
  }
  return FromMachine(ctx, services);
}

}  // namespace sluice::cloud_identity
