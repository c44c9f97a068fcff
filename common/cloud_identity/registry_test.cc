// SPDX-License-Identifier: Apache-2.0
#include "common/cloud_identity/registry.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/cloud_identity/google.h"
#include "common/cloud_identity/testing.h"
#include "common/kube_testing/api_server.h"
#include "common/testing/status_matchers.h"

namespace sluice::cloud_identity {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

Context Ctx() { return Context::Background().WithTimeout(absl::Seconds(20)); }

std::string Account(const std::string& annotations) {
  return absl::StrCat(
      "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: tenant\n  namespace: default\n"
      "  annotations: {",
      annotations, "}\n");
}

constexpr char kToken[] = R"({"access_token":"token","expires_in":3600,"token_type":"Bearer"})";
constexpr char kMetadata[] = "GET http://169.254.169.254/computeMetadata/v1/";
constexpr char kExchange[] = "POST https://sts.googleapis.com/v1/token";

TEST_CASE("the machine's service account gives a token of Google", "[cloud_identity]") {
  kube_testing::ApiServer api;
  Clouds clouds;
  clouds.answers[absl::StrCat(kMetadata, "instance/service-accounts/default/token")] = kToken;
  const auto token = GoogleToken(Ctx(), clouds.services(api.client()), std::nullopt);
  REQUIRE_THAT(token.status(), IsOk());
  CHECK(token->secret.Reveal() == "token");
  CHECK(token->expires == clouds.clock.Now() + absl::Hours(1));
  CHECK(clouds.requests[0].headers.Get("Metadata-Flavor") == "Google");
  clouds.answers.clear();
  CHECK_FALSE(GoogleToken(Ctx(), clouds.services(api.client()), std::nullopt).ok());
}

TEST_CASE("a service account is exchanged for a token of Google", "[cloud_identity]") {
  struct Row {
    std::string annotations;
    std::string audience;  // as it is sent, escaped
    const char* token;
  };
  constexpr char kProvider[] =
      "gcp.auth.fluxcd.io/workload-identity-provider: "
      "projects/1/locations/global/workloadIdentityPools/p/providers/c";
  const Row rows[] = {
      {kProvider,
       "audience=%2F%2Fiam.googleapis.com%2Fprojects%2F1%2Flocations%2Fglobal%2F"
       "workloadIdentityPools%2Fp%2Fproviders%2Fc&",
       "token"},
      {absl::StrCat(kProvider,
                    ", iam.gke.io/gcp-service-account: app@project.iam.gserviceaccount.com"),
       "audience=%2F%2Fiam.googleapis.com%2F", "impersonated"},
      // In GKE the cluster itself is the provider.
      {"",
       "audience=identitynamespace%3Aproject.svc.id.goog%3Ahttps%3A%2F%2Fcontainer.googleapis.com"
       "%2Fv1%2Fprojects%2Fproject%2Flocations%2Feurope%2Fclusters%2Fcluster&",
       "token"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.annotations);
    kube_testing::ApiServer api;
    api.Write(Account(row.annotations), "test");
    Clouds clouds;
    clouds.answers = {{absl::StrCat(kMetadata, "project/project-id"), "project\n"},
                      {absl::StrCat(kMetadata, "instance/attributes/cluster-location"), "europe"},
                      {absl::StrCat(kMetadata, "instance/attributes/cluster-name"), "cluster"},
                      {kExchange, kToken},
                      {"POST https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
                       "app@project.iam.gserviceaccount.com:generateAccessToken",
                       R"({"accessToken":"impersonated","expireTime":"2099-01-01T00:00:00Z"})"}};
    const auto token =
        GoogleToken(Ctx(), clouds.services(api.client()), kube::ObjectKey{"default", "tenant"});
    REQUIRE_THAT(token.status(), IsOk());
    CHECK(token->secret.Reveal() == row.token);
    bool exchanged = false;
    for (const http::Request& request : clouds.requests) {
      exchanged = exchanged || absl::StrContains(request.body, row.audience);
    }
    CHECK(exchanged);
  }
}

TEST_CASE("annotations that would lead elsewhere are refused", "[cloud_identity]") {
  for (const char* annotations :
       {"iam.gke.io/gcp-service-account: 'a@b.iam.gserviceaccount.com:x/../..'",
        "iam.gke.io/gcp-service-account: app@elsewhere.example.com",
        "gcp.auth.fluxcd.io/workload-identity-provider: //elsewhere"}) {
    CAPTURE(annotations);
    kube_testing::ApiServer api;
    api.Write(Account(annotations), "test");
    Clouds clouds;
    const auto token =
        GoogleToken(Ctx(), clouds.services(api.client()), kube::ObjectKey{"default", "tenant"});
    CHECK(absl::IsInvalidArgument(token.status()));
    CHECK(clouds.requests.empty());
  }
}

TEST_CASE("an external account's token comes from a file", "[cloud_identity]") {
  kube_testing::ApiServer api;
  Clouds clouds;
  clouds.variables["GOOGLE_APPLICATION_CREDENTIALS"] = "/config";
  clouds.answers[kExchange] = kToken;
  struct Row {
    const char* source;
    const char* file;
    bool good;
  };
  const Row rows[] = {
      {R"({"file":"/token"})", " subject\n", true},
      {R"({"file":"/token","format":{"type":"json","subject_token_field_name":"t"}})",
       R"({"t":"subject"})", true},
      {R"({"file":"/token","format":{"type":"json","subject_token_field_name":"t"}})", "{}", false},
      {R"({"url":"http://elsewhere"})", "", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.source);
    clouds.requests.clear();
    clouds.files = {
        {"/token", row.file},
        {"/config", absl::StrCat(R"({"type":"external_account","audience":"a","token_url":)",
                                 R"("https://sts.googleapis.com/v1/token","credential_source":)",
                                 row.source, "}")}};
    CHECK(GoogleToken(Ctx(), clouds.services(api.client()), std::nullopt).ok() == row.good);
    if (row.good) CHECK(absl::StrContains(clouds.requests[0].body, "subject_token=subject&"));
  }
  clouds.files["/config"] = R"({"type":"authorized_user"})";
  CHECK(absl::IsInvalidArgument(
      GoogleToken(Ctx(), clouds.services(api.client()), std::nullopt).status()));
}

TEST_CASE("each cloud's registries are known by their names", "[cloud_identity]") {
  struct Row {
    const char* provider;
    const char* host;
    bool known;
  };
  const Row rows[] = {
      {"aws", "123456789012.dkr.ecr.eu-west-1.amazonaws.com", true},
      {"aws", "123456789012.dkr-ecr.eu-west-1.on.aws", true},
      {"aws", "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", true},
      {"aws", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", true},
      {"aws", "public.ecr.aws", true},
      {"aws", "x.public.ecr.aws", false},
      {"aws", "1.dkr.ecr.eu-west-1.amazonaws.com", false},
      {"aws", "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example", false},
      {"azure", "name.azurecr.io", true},
      {"azure", "name.azurecr.us", true},
      {"azure", "azurecr.io", false},
      {"azure", "name.azurecr.io:5000", false},
      {"gcp", "gcr.io", true},
      {"gcp", "eu.gcr.io", true},
      {"gcp", "europe-docker.pkg.dev", true},
      {"gcp", "-docker.pkg.dev", false},
      {"gcp", "notgcr.io", false},
      {"gcp", "gcr.io.evil.example", false},
      {"generic", "gcr.io", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.provider, row.host);
    CHECK(CheckRegistry(row.provider, row.host).ok() == row.known);
  }
}

TEST_CASE("registries of the clouds are logged in to", "[cloud_identity]") {
  const std::string aws = absl::Base64Escape("AWS:password");
  const std::string acr =
      absl::StrCat("e30.", absl::WebSafeBase64Escape(R"({"exp":4070908800})"), ".c2ln");
  struct Row {
    const char* provider;
    const char* host;
    std::map<std::string, std::string> answers;
    std::string user;
    std::string password;
    absl::Time expires;
  };
  const Row rows[] = {
      {"aws",
       "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
       {{"POST https://api.ecr.eu-west-1.amazonaws.com/",
         absl::StrCat(R"({"authorizationData":[{"authorizationToken":")", aws,
                      R"(","expiresAt":4070908800.5}]})")}},
       "AWS",
       "password",
       absl::FromUnixMillis(4070908800500)},
      {"aws",
       "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
       {{"POST https://ecr-fips.us-east-1.amazonaws.com/",
         absl::StrCat(R"({"authorizationData":[{"authorizationToken":")", aws,
                      R"(","expiresAt":4070908800}]})")}},
       "AWS",
       "password",
       absl::FromUnixSeconds(4070908800)},
      {"aws",
       "public.ecr.aws",
       {{"POST https://api.ecr-public.us-east-1.amazonaws.com/",
         absl::StrCat(R"({"authorizationData":{"authorizationToken":")", aws,
                      R"(","expiresAt":4070908800}})")}},
       "AWS",
       "password",
       absl::FromUnixSeconds(4070908800)},
      {"azure",
       "name.azurecr.io",
       {{"GET http://169.254.169.254/metadata/identity/oauth2/token", kToken},
        {"POST https://name.azurecr.io/oauth2/exchange",
         absl::StrCat(R"({"refresh_token":")", acr, R"("})")}},
       "00000000-0000-0000-0000-000000000000",
       acr,
       absl::FromUnixSeconds(4070908800)},
      {"gcp",
       "eu.gcr.io",
       {{absl::StrCat(kMetadata, "instance/service-accounts/default/token"), kToken}},
       "oauth2accesstoken",
       "token",
       FakeClock().Now() + absl::Hours(1)},
  };
  for (const Row& row : rows) {
    CAPTURE(row.provider, row.host);
    kube_testing::ApiServer api;
    Clouds clouds;
    clouds.answers = row.answers;
    clouds.variables = {{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", "hidden"}};
    TokenCache cache({}, clouds.clock);
    const auto login = CachedRegistryLogin(Ctx(), clouds.services(api.client()), cache,
                                           std::nullopt, row.provider, row.host, "test");
    REQUIRE_THAT(login.status(), IsOk());
    CHECK(login->access_key_id == row.user);
    CHECK(login->secret.Reveal() == row.password);
    CHECK(login->expires == row.expires);
    const size_t asked = clouds.requests.size();
    CHECK(CachedRegistryLogin(Ctx(), clouds.services(api.client()), cache, std::nullopt,
                              row.provider, row.host, "test")
              .ok());
    CHECK(clouds.requests.size() == asked);
    for (const http::Request& request : clouds.requests) {
      CHECK_FALSE(absl::StrContains(request.body, "hidden"));
    }
    // A refusal tells no secret.
    clouds.answers.erase(std::prev(clouds.answers.end()));
    const auto refused =
        RegistryLogin(Ctx(), clouds.services(api.client()), std::nullopt, row.provider, row.host);
    CHECK_FALSE(refused.ok());
    CHECK_FALSE(absl::StrContains(refused.status().message(), "hidden"));
  }
}

}  // namespace
}  // namespace sluice::cloud_identity
