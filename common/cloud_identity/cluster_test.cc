// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/cluster.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/cloud_identity/testing.h"
#include "common/kube_testing/api_server.h"
#include "common/testing/status_matchers.h"

namespace sluice::cloud_identity {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr char kArn[] = "arn:aws:eks:eu-west-1:123456789012:cluster/prod";
constexpr char kAks[] =
    "/subscriptions/12345678-1234-1234-1234-123456789012/resourcegroups/g/providers/"
    "microsoft.containerservice/managedClusters/prod";
constexpr char kAksUrl[] =
    "https://management.azure.com/subscriptions/12345678-1234-1234-1234-123456789012/"
    "resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/prod";
constexpr char kGke[] = "projects/p/locations/l/clusters/prod";
constexpr char kAzureToken[] = "GET http://169.254.169.254/metadata/identity/oauth2/token";
constexpr char kGoogleToken[] =
    "GET http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token";
constexpr char kToken[] = R"({"access_token":"token","expires_in":3600})";

Context Ctx() { return Context::Background().WithTimeout(absl::Seconds(20)); }

std::string Base64(absl::string_view text) { return absl::Base64Escape(text); }

TEST_CASE("addresses of API servers have one form", "[cloud_identity]") {
  struct Row {
    const char* address;
    const char* canonical;  // "" if it is refused
  };
  const Row rows[] = {
      {"https://Example.COM", "https://example.com:443"},
      {"example.com:6443", "https://example.com:6443"},
      {"https://1.2.3.4:6443/path?query", "https://1.2.3.4:6443"},
      {"httpd.example.com", "https://httpd.example.com:443"},
      {"https://[FD00::1]", "https://[fd00::1]:443"},
      {"http://example.com", ""},
      {"", ""},
      {"https://", ""},
      {"https://a b", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.address);
    const auto canonical = CanonicalAddress(row.address);
    CHECK(canonical.value_or("") == row.canonical);
  }
}

TEST_CASE("an EKS cluster is described, and entered with a signed question", "[cloud_identity]") {
  kube_testing::ApiServer api;
  Clouds clouds;
  clouds.variables = {{"AWS_ACCESS_KEY_ID", "key"}, {"AWS_SECRET_ACCESS_KEY", "secret"}};
  clouds.answers["GET https://eks.eu-west-1.amazonaws.com/clusters/prod"] =
      absl::StrCat(R"({"cluster":{"endpoint":"https://ABC.eks.amazonaws.com",)",
                   R"("certificateAuthority":{"data":")", Base64("ca"), R"("}}})");
  const Services services = clouds.services(api.client());
  const auto found =
      FindCluster(Ctx(), services, std::nullopt, {.provider = "aws", .cluster = kArn});
  REQUIRE_THAT(found.status(), IsOk());
  CHECK(found->server == "https://abc.eks.amazonaws.com:443");
  CHECK(found->ca_pem == "ca");
  CHECK(absl::StrContains(clouds.requests[0].headers.Get("Authorization"), "/eks/aws4_request"));

  const auto token =
      ClusterToken(Ctx(), services, std::nullopt, {.provider = "aws", .cluster = kArn});
  REQUIRE_THAT(token.status(), IsOk());
  CHECK(token->expires == clouds.clock.Now() + absl::Minutes(15));
  const absl::string_view text = token->secret.Reveal();
  REQUIRE(absl::StartsWith(text, "k8s-aws-v1."));
  CHECK_FALSE(absl::StrContains(text, "="));
  std::string url;
  REQUIRE(absl::WebSafeBase64Unescape(text.substr(11), &url));
  CHECK(absl::StartsWith(url, "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity"));
  CHECK(absl::StrContains(url, "X-Amz-Expires=900"));
  CHECK(absl::StrContains(url, "X-Amz-SignedHeaders=host%3Bx-k8s-aws-id"));

  // What the reference says wins, and nobody is asked where it says everything.
  clouds.requests.clear();
  const auto known = FindCluster(
      Ctx(), services, std::nullopt,
      {.provider = "aws", .cluster = kArn, .address = "https://other", .ca_pem = "mine"});
  REQUIRE_THAT(known.status(), IsOk());
  CHECK(known->server == "https://other:443");
  CHECK(known->ca_pem == "mine");
  CHECK(clouds.requests.empty());
}

TEST_CASE("an AKS cluster is entered at one of its own addresses", "[cloud_identity]") {
  kube_testing::ApiServer api;
  Clouds clouds;
  clouds.answers[kAzureToken] = kToken;
  clouds.answers[absl::StrCat("GET ", kAksUrl)] = R"({"properties":{"aadProfile":{}}})";
  const std::string kubeconfig = absl::StrCat(
      "current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n"
      "clusters: [{name: k, cluster: {server: 'https://aks:443', certificate-authority-data: ",
      Base64("ca"), "}}]\n");
  clouds.answers[absl::StrCat("POST ", kAksUrl, "/listClusterUserCredential")] =
      absl::StrCat(R"({"kubeconfigs":[{"name":"u","value":")", Base64(kubeconfig), R"("}]})");
  const Services services = clouds.services(api.client());
  ClusterReference reference{.provider = "azure", .cluster = kAks};
  const auto found = FindCluster(Ctx(), services, std::nullopt, reference);
  REQUIRE_THAT(found.status(), IsOk());
  CHECK(found->server == "https://aks:443");
  CHECK(found->ca_pem == "ca");

  reference.address = "https://elsewhere";
  CHECK_THAT(
      FindCluster(Ctx(), services, std::nullopt, reference).status(),
      StatusIs(absl::StatusCode::kInvalidArgument,
               "does not match specified address 'https://elsewhere:443'. cluster addresses: "
               "['https://aks:443']"));
  clouds.answers[absl::StrCat("GET ", kAksUrl)] = R"({"properties":{}})";
  CHECK_THAT(FindCluster(Ctx(), services, std::nullopt, reference).status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "Microsoft Entra ID integration"));

  clouds.requests.clear();
  const auto token = ClusterToken(Ctx(), services, std::nullopt, reference);
  REQUIRE_THAT(token.status(), IsOk());
  CHECK(token->secret.Reveal() == "token");
  CHECK(absl::StrContains(clouds.requests[0].url, "6dae42f8-4368-4678-94ff-3960e28e3630"));
}

TEST_CASE("a GKE cluster is described by its name", "[cloud_identity]") {
  kube_testing::ApiServer api;
  Clouds clouds;
  clouds.answers[kGoogleToken] = kToken;
  clouds.answers["GET https://container.googleapis.com/v1/projects/p/locations/l/clusters/prod"] =
      absl::StrCat(R"({"endpoint":"1.2.3.4","masterAuth":{"clusterCaCertificate":")", Base64("ca"),
                   R"("}})");
  const ClusterReference reference{.provider = "gcp", .cluster = kGke};
  const auto found = FindCluster(Ctx(), clouds.services(api.client()), std::nullopt, reference);
  REQUIRE_THAT(found.status(), IsOk());
  CHECK(found->server == "https://1.2.3.4:443");
  CHECK(found->ca_pem == "ca");
  const auto token = ClusterToken(Ctx(), clouds.services(api.client()), std::nullopt, reference);
  REQUIRE_THAT(token.status(), IsOk());
  CHECK(token->secret.Reveal() == "token");
}

TEST_CASE("any other cluster takes a token of the service account", "[cloud_identity]") {
  kube_testing::ApiServer api;
  api.Write("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: tenant, namespace: default}\n",
            "test");
  Clouds clouds;
  const Services services = clouds.services(api.client());
  const ClusterReference reference{.provider = "generic", .address = "https://a.example"};
  const auto audience = [](const absl::StatusOr<Credentials>& token) {
    REQUIRE_THAT(token.status(), IsOk());
    CHECK(token->expires < absl::InfiniteFuture());
    return std::string(UncheckedClaims(token->secret.Reveal())["aud"].at(0).str());
  };
  const kube::ObjectKey tenant = {"default", "tenant"};
  CHECK(audience(ClusterToken(Ctx(), services, tenant, reference)) == "https://a.example");
  ClusterReference named = reference;
  named.audiences = {"somebody"};
  const auto token = ClusterToken(Ctx(), services, tenant, named);
  CHECK(audience(token) == "somebody");

  // Without a service account it is the one that this process runs as.
  CHECK_THAT(ClusterToken(Ctx(), services, std::nullopt, reference).status(),
             StatusIs(absl::StatusCode::kNotFound, "failed to read service account token file"));
  clouds.files["/var/run/secrets/kubernetes.io/serviceaccount/token"] =
      std::string(token->secret.Reveal());
  const auto own = ClusterToken(Ctx(), services, std::nullopt, reference);
  CHECK(audience(own) == "https://a.example");
  CHECK(UncheckedClaims(own->secret.Reveal())["sub"].str() ==
        "system:serviceaccount:default:tenant");
  clouds.files["/var/run/secrets/kubernetes.io/serviceaccount/token"] = "no token";
  CHECK_THAT(ClusterToken(Ctx(), services, std::nullopt, reference).status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "invalid subject format"));
}

TEST_CASE("references that name no cluster are refused", "[cloud_identity]") {
  kube_testing::ApiServer api;
  Clouds clouds;
  struct Row {
    ClusterReference reference;
    const char* message;
  };
  const Row rows[] = {
      {{.provider = "other"}, "provider 'other' not implemented"},
      {{.provider = ""}, "provider '' not implemented"},
      {{.provider = "generic"}, "cluster address is required"},
      {{.provider = "generic", .address = "http://a"}, "must use https scheme"},
      {{.provider = "aws"}, "invalid EKS cluster ARN: ''. must match ^arn:aws"},
      {{.provider = "aws", .cluster = "x", .address = "https://a", .ca_pem = "ca"},
       "invalid EKS cluster ARN: 'x'"},
      // A region becomes part of a host.
      {{.provider = "aws", .cluster = "arn:aws:eks:evil.example/:1:cluster/x"}, "is not a region"},
      {{.provider = "azure", .cluster = "x"}, "invalid AKS cluster ID: 'x'"},
      {{.provider = "gcp", .cluster = "projects/p"}, "invalid GKE cluster ID: 'projects/p'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    CHECK_THAT(
        FindCluster(Ctx(), clouds.services(api.client()), std::nullopt, row.reference).status(),
        StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
  CHECK(clouds.requests.empty());
}

}  // namespace
}  // namespace sluice::cloud_identity
