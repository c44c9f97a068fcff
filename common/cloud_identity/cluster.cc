// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/cluster.h"

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/bucket/s3_signer.h"
#include "common/cloud_identity/aws.h"
#include "common/cloud_identity/azure.h"
#include "common/cloud_identity/google.h"
#include "common/cloud_identity/service_account.h"
#include "common/kube/kubeconfig.h"
#include "common/text/regexp.h"

namespace sluice::cloud_identity {
namespace {

constexpr char kArnPattern[] =
    R"(^arn:aws[\w-]*:eks:([^:]{1,100}):[0-9]{1,30}:cluster/(.{1,200})$)";
constexpr char kAksPattern[] =
    R"((?i)^/subscriptions/([^/]{36})/resourceGroups/([^/]{1,200}))"
    R"(/providers/Microsoft\.ContainerService/managedClusters/([^/]{1,200})$)";
constexpr char kGkePattern[] =
    R"(^projects/([^/]{1,200})/locations/([^/]{1,200})/clusters/([^/]{1,200})$)";
constexpr char kRegionPattern[] = "^[a-z0-9-]+$";

// What EKS allows the URL that is the token.
constexpr absl::Duration kEksTokenLife = absl::Minutes(15);
constexpr char kEksTokenPrefix[] = "k8s-aws-v1.";
constexpr char kAksScope[] = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";
constexpr char kAzureManager[] = "https://management.azure.com";
constexpr char kAzureVersion[] = "?api-version=2024-05-01";
constexpr char kPodToken[] = "/var/run/secrets/kubernetes.io/serviceaccount/token";

// The groups of `pattern` in `name`; `what` is such a name in errors.
template <size_t kGroups>
absl::StatusOr<std::array<std::string, kGroups>> Parts(absl::string_view what,
                                                       absl::string_view pattern,
                                                       absl::string_view name) {
  ASSIGN_OR_RETURN(const text::Regexp regexp, text::Regexp::Compile(pattern));
  std::array<absl::string_view, kGroups + 1> groups;
  if (!regexp.Find(name, 0, groups)) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid ", what, ": '", name, "'. must match ", pattern));
  }
  std::array<std::string, kGroups> parts;
  for (size_t i = 0; i < kGroups; ++i) parts[i] = std::string(groups[i + 1]);
  return parts;
}

absl::StatusOr<std::string> DecodeCertificate(absl::string_view text, absl::string_view what) {
  std::string pem;
  if (text.empty() || !absl::Base64Unescape(text, &pem)) {
    return absl::UnavailableError(
        absl::StrCat("failed to decode ", what, " CA certificate: it is not base64"));
  }
  return pem;
}

// Takes over what the reference leaves open.
void Fill(std::string server, std::string ca_pem, ClusterEndpoint& endpoint) {
  if (endpoint.server.empty()) endpoint.server = std::move(server);
  if (endpoint.ca_pem.empty()) endpoint.ca_pem = std::move(ca_pem);
}

struct EksCluster {
  std::string region;
  std::string name;
};

absl::StatusOr<EksCluster> ParseArn(absl::string_view arn) {
  ASSIGN_OR_RETURN(auto parts, Parts<2>("EKS cluster ARN", kArnPattern, arn));
  // It becomes part of a host name.
  ASSIGN_OR_RETURN(const text::Regexp region, text::Regexp::Compile(kRegionPattern));
  if (!region.MatchesIn(parts[0])) {
    return absl::InvalidArgumentError(
        absl::StrCat("invalid EKS cluster ARN: '", arn, "'. '", parts[0], "' is not a region"));
  }
  return EksCluster{std::move(parts[0]), std::move(parts[1])};
}

std::string AwsEndpoint(const Services& services, absl::string_view variable,
                        absl::string_view service, absl::string_view region) {
  const std::string set = services.environment.variable(variable);
  if (!set.empty()) return std::string(absl::StripSuffix(set, "/"));
  return absl::StrCat("https://", service, ".", region, ".amazonaws.com",
                      absl::StartsWith(region, "cn-") ? ".cn" : "");
}

bucket::AwsCredentials Keys(const Credentials& credentials) {
  return {credentials.access_key_id, credentials.secret, credentials.session_token,
          credentials.expires};
}

absl::Status FindEks(const Context& ctx, const Services& services, const Identity& identity,
                     const std::string& arn, ClusterEndpoint& endpoint) {
  ASSIGN_OR_RETURN(const EksCluster cluster, ParseArn(arn));
  ASSIGN_OR_RETURN(const Credentials keys, AwsCredentials(ctx, services, identity, cluster.region));
  http::Request request;
  request.url = absl::StrCat(AwsEndpoint(services, "AWS_ENDPOINT_URL_EKS", "eks", cluster.region),
                             "/clusters/", http::EscapePathSegment(cluster.name));
  RETURN_IF_ERROR(bucket::Sign(Keys(keys), {cluster.region, "eks"}, services.clock.Now(), request));
  ASSIGN_OR_RETURN(const Value answer,
                   Exchange(ctx, services.transport, request,
                            absl::StrCat("failed to describe EKS cluster '", arn, "'")));
  const Value& found = answer["cluster"];
  ASSIGN_OR_RETURN(std::string server, CanonicalAddress(found["endpoint"].str()));
  ASSIGN_OR_RETURN(std::string ca,
                   DecodeCertificate(found["certificateAuthority"]["data"].str(), "EKS"));
  Fill(std::move(server), std::move(ca), endpoint);
  return absl::OkStatus();
}

// A signed question who we are: EKS asks it, and so knows.
absl::StatusOr<Credentials> EksToken(const Context& ctx, const Services& services,
                                     const Identity& identity, const std::string& arn) {
  ASSIGN_OR_RETURN(const EksCluster cluster, ParseArn(arn));
  const absl::Time now = services.clock.Now();
  ASSIGN_OR_RETURN(const Credentials keys, AwsCredentials(ctx, services, identity, cluster.region));
  http::Request request;
  request.url = absl::StrCat(AwsEndpoint(services, "AWS_ENDPOINT_URL_STS", "sts", cluster.region),
                             "/?Action=GetCallerIdentity&Version=2011-06-15");
  request.headers.Set("x-k8s-aws-id", cluster.name);
  ASSIGN_OR_RETURN(const std::string url, bucket::Presign(Keys(keys), {cluster.region, "sts"}, now,
                                                          kEksTokenLife, request));
  Credentials token;
  token.secret = Secret(absl::StrCat(kEksTokenPrefix, absl::WebSafeBase64Escape(url)));
  token.expires = std::min(now + kEksTokenLife, keys.expires);
  return token;
}

absl::Status FindAks(const Context& ctx, const Services& services, const Identity& identity,
                     const std::string& id, ClusterEndpoint& endpoint) {
  ASSIGN_OR_RETURN(const auto parts, Parts<3>("AKS cluster ID", kAksPattern, id));
  ASSIGN_OR_RETURN(const Credentials token,
                   AzureToken(ctx, services, identity, absl::StrCat(kAzureManager, "/.default")));
  const std::string resource = absl::StrCat(
      kAzureManager, "/subscriptions/", http::EscapePathSegment(parts[0]), "/resourceGroups/",
      http::EscapePathSegment(parts[1]), "/providers/Microsoft.ContainerService/managedClusters/",
      http::EscapePathSegment(parts[2]));
  http::Request request;
  request.url = absl::StrCat(resource, kAzureVersion);
  request.headers.Set("Authorization", absl::StrCat("Bearer ", token.secret.Reveal()));
  ASSIGN_OR_RETURN(const Value described,
                   Exchange(ctx, services.transport, request, "failed to describe AKS cluster"));
  if (described["properties"]["aadProfile"].is_null()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "AKS cluster ", id,
        " does not have Microsoft Entra ID integration enabled. See docs for enabling: "
        "https://learn.microsoft.com/en-us/azure/aks/enable-authentication-microsoft-entra-id"));
  }
  request.method = "POST";
  request.url = absl::StrCat(resource, "/listClusterUserCredential", kAzureVersion);
  ASSIGN_OR_RETURN(const Value answer,
                   Exchange(ctx, services.transport, request,
                            "failed to list the kubeconfigs of the AKS cluster"));
  std::vector<std::string> addresses;
  for (const Value& entry : answer["kubeconfigs"].items()) {
    const std::string name = absl::StrCat("kubeconfig[", addresses.size(), "]");
    std::string text;
    if (!absl::Base64Unescape(entry["value"].str(), &text)) {
      return absl::UnavailableError(absl::StrCat("failed to parse ", name, ": it is not base64"));
    }
    auto config = kube::ParseForeignKubeconfig(text, /*allow_insecure=*/false);
    if (!config.ok()) return Annotate(config.status(), absl::StrCat("failed to parse ", name));
    ASSIGN_OR_RETURN(std::string server, CanonicalAddress(config->server));
    if (endpoint.server.empty() || endpoint.server == server) {
      Fill(std::move(server), std::move(config->tls.ca_pem), endpoint);
      return absl::OkStatus();
    }
    addresses.push_back(absl::StrCat("'", config->server, "'"));
  }
  if (endpoint.server.empty()) {
    return absl::NotFoundError(absl::StrCat("no kubeconfig found for AKS cluster ", id));
  }
  return absl::InvalidArgumentError(
      absl::StrCat("AKS cluster ", id, " does not match specified address '", endpoint.server,
                   "'. cluster addresses: [", absl::StrJoin(addresses, ", "), "]"));
}

absl::Status FindGke(const Context& ctx, const Services& services, const Identity& identity,
                     const std::string& name, ClusterEndpoint& endpoint) {
  ASSIGN_OR_RETURN(const auto parts, Parts<3>("GKE cluster ID", kGkePattern, name));
  ASSIGN_OR_RETURN(const Credentials token, GoogleToken(ctx, services, identity));
  std::string service = services.environment.variable("CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINER");
  if (service.empty()) service = "https://container.googleapis.com";
  http::Request request;
  request.url = absl::StrCat(absl::StripSuffix(service, "/"), "/v1/projects/",
                             http::EscapePathSegment(parts[0]), "/locations/",
                             http::EscapePathSegment(parts[1]), "/clusters/",
                             http::EscapePathSegment(parts[2]));
  request.headers.Set("Authorization", absl::StrCat("Bearer ", token.secret.Reveal()));
  ASSIGN_OR_RETURN(const Value answer,
                   Exchange(ctx, services.transport, request,
                            absl::StrCat("failed to describe GKE cluster '", name, "'")));
  ASSIGN_OR_RETURN(std::string server, CanonicalAddress(answer["endpoint"].str()));
  ASSIGN_OR_RETURN(std::string ca,
                   DecodeCertificate(answer["masterAuth"]["clusterCaCertificate"].str(), "GKE"));
  Fill(std::move(server), std::move(ca), endpoint);
  return absl::OkStatus();
}

// The service account that this process runs as.
absl::StatusOr<kube::ObjectKey> OwnAccount(const Services& services) {
  const auto token = services.environment.file(kPodToken);
  if (!token.ok()) {
    return Annotate(token.status(),
                    absl::StrCat("failed to read service account token file ", kPodToken));
  }
  const Value claims = UncheckedClaims(absl::StripAsciiWhitespace(*token));
  const std::vector<std::string> subject = absl::StrSplit(claims["sub"].str(), ':');
  if (subject.size() != 4) {
    return absl::FailedPreconditionError(
        absl::StrCat("invalid subject format in service account token: ", claims["sub"].str()));
  }
  return kube::ObjectKey{subject[2], subject[3]};
}

absl::StatusOr<Credentials> GenericToken(const Context& ctx, const Services& services,
                                         const Identity& identity,
                                         const ClusterReference& reference) {
  std::vector<std::string> audiences = reference.audiences;
  if (audiences.empty()) audiences.push_back(reference.address);
  if (identity.has_value()) return RequestCredentials(ctx, services.client, *identity, audiences);
  ASSIGN_OR_RETURN(const kube::ObjectKey own, OwnAccount(services));
  return RequestCredentials(ctx, services.client, own, audiences);
}

absl::Status UnknownProvider(absl::string_view provider) {
  return absl::InvalidArgumentError(absl::StrCat("provider '", provider, "' not implemented"));
}

}  // namespace

absl::StatusOr<std::string> CanonicalAddress(absl::string_view address) {
  if (address.empty()) return absl::InvalidArgumentError("empty address");
  const std::string text =
      absl::StrContains(address, "://") ? std::string(address) : absl::StrCat("https://", address);
  const auto url = http::Url::Parse(text);
  if (!url.ok() || url->host.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("failed to parse Kubernetes API server address: ",
                     url.ok() ? "it names no host" : url.status().message()));
  }
  if (url->scheme != "https") {
    return absl::InvalidArgumentError(absl::StrCat("the Kubernetes API server address '",
                                                   url->Redacted(), "' must use https scheme"));
  }
  const bool v6 = absl::StrContains(url->host, ":");
  return absl::StrCat("https://", v6 ? "[" : "", absl::AsciiStrToLower(url->host), v6 ? "]" : "",
                      ":", url->port == 0 ? 443 : url->port);
}

absl::StatusOr<ClusterEndpoint> FindCluster(const Context& ctx, const Services& services,
                                            const Identity& identity,
                                            const ClusterReference& reference) {
  ClusterEndpoint endpoint{"", reference.ca_pem};
  if (!reference.address.empty()) {
    ASSIGN_OR_RETURN(endpoint.server, CanonicalAddress(reference.address));
  }
  const bool complete = !endpoint.server.empty() && !endpoint.ca_pem.empty();
  const std::string& name = reference.cluster;
  if (reference.provider == "aws") {
    RETURN_IF_ERROR(complete ? ParseArn(name).status()
                             : FindEks(ctx, services, identity, name, endpoint));
  } else if (reference.provider == "azure") {
    if (!complete) RETURN_IF_ERROR(FindAks(ctx, services, identity, name, endpoint));
  } else if (reference.provider == "gcp") {
    if (!complete) RETURN_IF_ERROR(FindGke(ctx, services, identity, name, endpoint));
  } else if (reference.provider != "generic") {
    return UnknownProvider(reference.provider);
  } else if (endpoint.server.empty()) {
    return absl::InvalidArgumentError("cluster address is required to create a REST config");
  }
  return endpoint;
}

absl::StatusOr<Credentials> ClusterToken(const Context& ctx, const Services& services,
                                         const Identity& identity,
                                         const ClusterReference& reference) {
  if (reference.provider == "aws") return EksToken(ctx, services, identity, reference.cluster);
  if (reference.provider == "azure") return AzureToken(ctx, services, identity, kAksScope);
  if (reference.provider == "gcp") return GoogleToken(ctx, services, identity);
  if (reference.provider == "generic") return GenericToken(ctx, services, identity, reference);
  return UnknownProvider(reference.provider);
}

}  // namespace sluice::cloud_identity
