// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "common/cloud_identity/aws.h"
#include "common/cloud_identity/azure.h"
#include "common/cloud_identity/code_commit.h"
#include "common/cloud_identity/gcp.h"
#include "common/cloud_identity/github_app.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/kube_testing/api_server.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::cloud_identity {
namespace {

using ::sluice::testing::FakeClock;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

const absl::Time kNow = absl::FromUnixSeconds(1767225600);  // 2026-01-01

// The endpoints of clouds on loopback: answers by "METHOD /path", and what was asked.
class FakeCloud {
 public:
  struct Answer {
    int status = 200;
    std::string body;
  };

  FakeCloud() {
    server_ =
        http::Server::Start({.address = "127.0.0.1:0"}, [this](const Context&,
                                                               const http::ServerRequest& request) {
          absl::MutexLock lock(&mutex_);
          const std::string asked = absl::StrCat(request.method, " ", request.path);
          requests_.push_back(request);
          const auto it = answers.find(asked);
          http::ServerResponse response;
          response.status = it == answers.end() ? 404 : it->second.status;
          if (it != answers.end()) response.body = it->second.body;
          return response;
        }).value();
    transport_ = http::CreateClient({}).value();
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }
  std::vector<http::ServerRequest> Requests() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(requests_, {});
  }
  http::Transport& transport() { return *transport_; }
  FakeClock& clock() { return clock_; }

  // Set before the calls that need them.
  std::map<std::string, Answer> answers;
  std::map<std::string, std::string> variables;
  std::map<std::string, std::string> files;

  Environment environment() {
    return {[this](absl::string_view name) {
              const auto it = variables.find(std::string(name));
              return it == variables.end() ? std::string() : it->second;
            },
            [this](const std::string& path) -> absl::StatusOr<std::string> {
              const auto it = files.find(path);
              if (it == files.end()) return absl::NotFoundError(path);
              return it->second;
            }};
  }

 private:
  FakeClock clock_;  // at kNow
  absl::Mutex mutex_;
  std::vector<http::ServerRequest> requests_;
  std::unique_ptr<http::Transport> transport_;
  std::unique_ptr<http::Server> server_;
};

Context Ctx() { return Context::Background().WithTimeout(absl::Seconds(20)); }

constexpr char kAccount[] = R"(apiVersion: v1
kind: ServiceAccount
metadata:
  name: tenant
  namespace: default
  annotations:
    azure.workload.identity/client-id: client-1
    azure.workload.identity/tenant-id: tenant-1
    eks.amazonaws.com/role-arn: arn:aws:iam::1:role/r
)";
constexpr char kBareAccount[] = R"(apiVersion: v1
kind: ServiceAccount
metadata:
  name: bare
  namespace: default
)";

constexpr char kAzureAnswer[] = R"({"access_token": "azure-token", "expires_in": 3600})";
constexpr char kAssumed[] = R"(<AssumeRoleWithWebIdentityResponse><Credentials>
<AccessKeyId>AKID</AccessKeyId><SecretAccessKey>sec&amp;ret</SecretAccessKey>
<SessionToken>session</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration>
</Credentials></AssumeRoleWithWebIdentityResponse>)";
constexpr char kAwsJson[] = R"({"AccessKeyId": "AKID", "SecretAccessKey": "secret",
  "Token": "session", "Expiration": "2026-01-01T01:00:00Z"})";

TEST_CASE("a service account is exchanged for an Azure token", "[cloud_identity]") {
  kube_testing::ApiServer api;
  api.Write(kAccount, "test");
  FakeCloud cloud;
  cloud.variables["AZURE_AUTHORITY_HOST"] = cloud.url();
  cloud.answers["POST /tenant-1/oauth2/v2.0/token"] = {200, kAzureAnswer};
  const Environment environment = cloud.environment();
  const Services services = {api.client(), cloud.transport(), environment, cloud.clock()};
  const auto token =
      AzureToken(Ctx(), services, kube::ObjectKey{"default", "tenant"}, kAzureDevOpsScope);
  REQUIRE_THAT(token.status(), IsOk());
  CHECK(token->secret.Reveal() == "azure-token");
  CHECK(token->expires == kNow + absl::Hours(1));
  const auto requests = cloud.Requests();
  REQUIRE(requests.size() == 1);
  CHECK_THAT(requests[0].body, Catch::Matchers::Contains("client_id=client-1") &&
                                   Catch::Matchers::Contains("grant_type=client_credentials") &&
                                   Catch::Matchers::Contains(
                                       "scope=499b84ac-1321-427f-aa17-267ca6975798%2F.default"));
  // The assertion is a token of the account, for Azure.
  const std::string assertion = requests[0].body.substr(requests[0].body.rfind('=') + 1);
  const std::vector<std::string> parts = absl::StrSplit(assertion, '.');
  REQUIRE(parts.size() == 3);
  std::string claims;
  REQUIRE(absl::WebSafeBase64Unescape(parts[1], &claims));
  CHECK_THAT(claims, Catch::Matchers::Contains("api://AzureADTokenExchange") &&
                         Catch::Matchers::Contains("system:serviceaccount:default:tenant"));
}

TEST_CASE("an account that cannot be exchanged is refused without telling tokens",
          "[cloud_identity]") {
  kube_testing::ApiServer api;
  api.Write(kAccount, "test");
  api.Write(kBareAccount, "test");
  FakeCloud cloud;
  cloud.variables["AZURE_AUTHORITY_HOST"] = cloud.url();
  cloud.answers["POST /tenant-1/oauth2/v2.0/token"] = {
      401, R"({"error": "invalid_client", "error_description": "AADSTS700016: not found"})"};
  const Environment environment = cloud.environment();
  const Services services = {api.client(), cloud.transport(), environment, cloud.clock()};
  CHECK_THAT(AzureToken(Ctx(), services, kube::ObjectKey{"default", "bare"}, "s").status(),
             StatusIs(absl::StatusCode::kFailedPrecondition,
                      "service account 'default/bare' has no annotation "
                      "'azure.workload.identity/tenant-id'"));
  CHECK_THAT(AzureToken(Ctx(), services, kube::ObjectKey{"default", "nobody"}, "s").status(),
             StatusIs(absl::StatusCode::kNotFound, "failed to get service account"));
  CHECK_THAT(AzureToken(Ctx(), services, kube::ObjectKey{"default", "tenant"}, "s").status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "AADSTS700016: not found"));
  CHECK_THAT(
      AwsCredentials(Ctx(), services, kube::ObjectKey{"default", "bare"}, "eu-west-1").status(),
      StatusIs(absl::StatusCode::kFailedPrecondition, "eks.amazonaws.com/role-arn"));
  CHECK_THAT(AwsCredentials(Ctx(), services, kube::ObjectKey{"default", "tenant"}, "").status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "AWS_REGION is not set"));
}

TEST_CASE("service accounts are exchanged for Google Cloud tokens", "[cloud_identity]") {
  kube_testing::ApiServer api;
  api.Write(kAccount, "test");
  api.Write(kBareAccount, "test");
  api.Write(R"(apiVersion: v1
kind: ServiceAccount
metadata:
  name: google
  namespace: default
  annotations:
    gcp.auth.fluxcd.io/workload-identity-provider: projects/1/locations/global/pools/p
    iam.gke.io/gcp-service-account: app@project.iam.gserviceaccount.com
)",
            "test");
  FakeCloud cloud;
  cloud.variables = {{"GCP_STS_ENDPOINT", cloud.url()},
                     {"GCP_IAM_CREDENTIALS_ENDPOINT", cloud.url()},
                     {"GCE_METADATA_HOST", cloud.url().substr(7)}};
  cloud.answers["POST /v1/token"] = {200, R"({"access_token": "federated", "expires_in": 3600})"};
  cloud.answers
      ["POST /v1/projects/-/serviceAccounts/app@project.iam.gserviceaccount.com:"
       "generateAccessToken"] = {
      200, R"({"accessToken": "acting", "expireTime": "2026-01-01T00:30:00Z"})"};
  const Environment environment = cloud.environment();
  const Services services = {api.client(), cloud.transport(), environment, cloud.clock()};
  const auto acting = GcpToken(Ctx(), services, kube::ObjectKey{"default", "google"}, "scope");
  REQUIRE_THAT(acting.status(), IsOk());
  CHECK(acting->secret.Reveal() == "acting");
  CHECK(acting->expires == kNow + absl::Minutes(30));
  auto requests = cloud.Requests();
  REQUIRE(requests.size() == 2);
  CHECK_THAT(requests[0].body,
             Catch::Matchers::Contains("audience=%2F%2Fiam.googleapis.com%2Fprojects%2F1%2F"));
  CHECK(requests[1].headers.Get("Authorization") == "Bearer federated");

  // On GKE, the cluster is the provider.
  cloud.answers["GET /computeMetadata/v1/project/project-id"] = {200, "project"};
  cloud.answers["GET /computeMetadata/v1/instance/attributes/cluster-location"] = {200, "eu"};
  cloud.answers["GET /computeMetadata/v1/instance/attributes/cluster-name"] = {200, "main\n"};
  const auto federated = GcpToken(Ctx(), services, kube::ObjectKey{"default", "bare"}, "scope");
  REQUIRE_THAT(federated.status(), IsOk());
  CHECK(federated->secret.Reveal() == "federated");
  requests = cloud.Requests();
  REQUIRE(requests.size() == 4);
  CHECK_THAT(requests[3].body,
             Catch::Matchers::Contains("audience=identitynamespace%3Aproject.svc.id.goog%3Ahttps"));

  cloud.answers["GET /computeMetadata/v1/instance/service-accounts/default/token"] = {
      200, R"({"access_token": "machine", "expires_in": 60})"};
  const auto machine = GcpToken(Ctx(), services, std::nullopt, "scope");
  REQUIRE_THAT(machine.status(), IsOk());
  CHECK(machine->secret.Reveal() == "machine");
  CHECK(cloud.Requests().at(0).headers.Get("Metadata-Flavor") == "Google");

  cloud.answers["POST /v1/token"] = {403, R"({"error": "denied"})"};
  CHECK_THAT(GcpToken(Ctx(), services, kube::ObjectKey{"default", "google"}, "scope").status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "failed to exchange"));
  CHECK_THAT(GcpToken(Ctx(), services, kube::ObjectKey{"default", "nobody"}, "scope").status(),
             StatusIs(absl::StatusCode::kNotFound, "failed to get service account"));
}

TEST_CASE("the process's own identity gets Azure tokens by federation or from the machine",
          "[cloud_identity]") {
  kube_testing::ApiServer api;
  FakeCloud cloud;
  cloud.variables = {{"AZURE_AUTHORITY_HOST", cloud.url()},
                     {"AZURE_CLIENT_ID", "own"},
                     {"AZURE_TENANT_ID", "tenant-2"},
                     {"AZURE_FEDERATED_TOKEN_FILE", "/token"}};
  cloud.files["/token"] = "assertion\n";
  cloud.answers["POST /tenant-2/oauth2/v2.0/token"] = {200, kAzureAnswer};
  const Environment environment = cloud.environment();
  const Services services = {api.client(), cloud.transport(), environment, cloud.clock()};
  CHECK_THAT(AzureToken(Ctx(), services, std::nullopt, "scope").status(), IsOk());
  CHECK(absl::EndsWith(cloud.Requests().at(0).body, "client_assertion=assertion"));

  cloud.variables = {{"AZURE_POD_IDENTITY_AUTHORITY_HOST", cloud.url()}};
  cloud.answers["GET /metadata/identity/oauth2/token"] = {
      200, R"({"access_token": "machine", "expires_in": "120"})"};
  const auto token = AzureToken(Ctx(), services, std::nullopt, kAzureDevOpsScope);
  REQUIRE_THAT(token.status(), IsOk());
  CHECK(token->secret.Reveal() == "machine");
  CHECK(token->expires == kNow + absl::Minutes(2));
  const auto requests = cloud.Requests();
  CHECK(requests.at(0).headers.Get("Metadata") == "true");
  CHECK_THAT(requests.at(0).query,
             Catch::Matchers::EndsWith("resource=499b84ac-1321-427f-aa17-267ca6975798"));
}

TEST_CASE("a service account assumes its AWS role", "[cloud_identity]") {
  kube_testing::ApiServer api;
  api.Write(kAccount, "test");
  FakeCloud cloud;
  cloud.variables["AWS_ENDPOINT_URL_STS"] = cloud.url();
  cloud.answers["POST /"] = {200, kAssumed};
  const Environment environment = cloud.environment();
  const Services services = {api.client(), cloud.transport(), environment, cloud.clock()};
  const kube::ObjectKey account = {"default", "tenant"};
  const auto credentials = AwsCredentials(Ctx(), services, account, "eu-west-1");
  REQUIRE_THAT(credentials.status(), IsOk());
  CHECK(credentials->access_key_id == "AKID");
  CHECK(credentials->secret.Reveal() == "sec&ret");
  CHECK(credentials->session_token.Reveal() == "session");
  CHECK(credentials->expires == kNow + absl::Hours(1));
  CHECK_THAT(cloud.Requests().at(0).body,
             Catch::Matchers::Contains("RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&") &&
                 Catch::Matchers::Contains("RoleSessionName=tenant.default.eu-west-1.fluxcd.io&"));

  cloud.answers["POST /"] = {403,
                             "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</"
                             "Message></Error></ErrorResponse>"};
  CHECK_THAT(AwsCredentials(Ctx(), services, account, "eu-west-1").status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "HTTP status 403, AccessDenied: no"));
  cloud.answers["POST /"] = {200, "<html>"};
  CHECK_THAT(AwsCredentials(Ctx(), services, account, "eu-west-1").status(),
             StatusIs(absl::StatusCode::kUnavailable, "holds no credentials"));
}

TEST_CASE("the process's own AWS credentials come from the first place that has some",
          "[cloud_identity]") {
  kube_testing::ApiServer api;
  FakeCloud cloud;
  cloud.answers = {
      {"POST /", {200, kAssumed}},
      {"GET /container", {200, kAwsJson}},
      {"PUT /latest/api/token", {200, "imds"}},
      {"GET /latest/meta-data/iam/security-credentials/", {200, "node-role\n"}},
      {"GET /latest/meta-data/iam/security-credentials/node-role", {200, kAwsJson}},
  };
  cloud.files = {{"/token", "jwt"}, {"/pod-token", "pod"}};
  const Environment environment = cloud.environment();
  const Services services = {api.client(), cloud.transport(), environment, cloud.clock()};
  const auto id = [&] {
    const auto credentials = AwsCredentials(Ctx(), services, std::nullopt, "eu-west-1");
    CHECK_THAT(credentials.status(), IsOk());
    return credentials.ok() ? credentials->access_key_id : "";
  };

  cloud.variables = {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", cloud.url()}};
  CHECK(id() == "AKID");
  const auto machine = cloud.Requests();
  REQUIRE(machine.size() == 3);
  CHECK(machine[2].headers.Get("X-aws-ec2-metadata-token") == "imds");

  cloud.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = cloud.url() + "/container";
  cloud.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = "/pod-token";
  CHECK(id() == "AKID");
  CHECK(cloud.Requests().at(0).headers.Get("Authorization") == "pod");

  cloud.variables["AWS_ENDPOINT_URL_STS"] = cloud.url();
  cloud.variables["AWS_ROLE_ARN"] = "arn";
  cloud.variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token";
  CHECK(id() == "AKID");
  CHECK_THAT(cloud.Requests().at(0).body, Catch::Matchers::EndsWith("WebIdentityToken=jwt"));

  cloud.variables["AWS_ACCESS_KEY_ID"] = "static";
  cloud.variables["AWS_SECRET_ACCESS_KEY"] = "s";
  CHECK(id() == "static");
  CHECK(cloud.Requests().empty());
}

// The expected values were computed apart, by Python's hmac, from the description of Signature
// Version 4.
TEST_CASE("a CodeCommit password is a signature of the repository's path", "[cloud_identity]") {
  constexpr char kUrl[] = "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/app";
  const auto basic =
      CodeCommitCredentials(kUrl, {"AKID", Secret("secret"), Secret("session")}, kNow);
  REQUIRE_THAT(basic.status(), IsOk());
  CHECK(basic->username == "AKID%session");
  CHECK(basic->password.Reveal() ==
        "20260101T000000Z0fb23587b8534f0c906c177c6ecb2f1aef689d58d49b103757e2bb283513e128");
  CHECK(CodeCommitCredentials(kUrl, {"AKID", Secret("secret"), Secret()}, kNow)->username ==
        "AKID");
  for (const char* url :
       {"https://github.com/a/b", "http://git-codecommit.eu-west-1.amazonaws.com/v1/repos/app",
        "https://git-codecommit.eu-west-1.example.com/v1/repos/app",
        "ssh://git-codecommit.eu-west-1.amazonaws.com/v1/repos/app",
        "https://git-codecommit.eu-west-1.amazonaws.com/app"}) {
    CAPTURE(url);
    CHECK_THAT(CodeCommitCredentials(url, {}, kNow).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "CodeCommit"));
  }
}

std::string RsaKey() {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

TEST_CASE("a GitHub App's key is exchanged for an installation's token", "[cloud_identity]") {
  FakeCloud cloud;
  cloud.answers["POST /api/v3/app/installations/42/access_tokens"] = {
      201, R"({"token": "ghs_1", "expires_at": "2026-01-01T01:00:00Z"})"};
  cloud.answers["GET /api/v3/app/installations"] = {
      200,
      R"([{"id": 7, "account": {"login": "other"}}, {"id": 42, "account": {"login": "Org"}}])"};
  const std::map<std::string, std::string> data = {{"githubAppID", "5"},
                                                   {"githubAppPrivateKey", RsaKey()},
                                                   {"githubAppBaseURL", cloud.url() + "/api/v3/"}};
  for (const auto& [key, value] : {std::pair("githubAppInstallationID", "42"),
                                   std::pair("githubAppInstallationOwner", "org")}) {
    CAPTURE(key);
    auto with = data;
    with[key] = value;
    CHECK(GitHubApp::In(with));
    const auto app = GitHubApp::FromSecret(with, "ns/app");
    REQUIRE_THAT(app.status(), IsOk());
    const auto token = GitHubToken(Ctx(), cloud.transport(), *app, cloud.clock());
    REQUIRE_THAT(token.status(), IsOk());
    CHECK(token->secret.Reveal() == "ghs_1");
    CHECK(token->expires == kNow + absl::Hours(1));
    const auto requests = cloud.Requests();
    const std::string authorization(requests.back().headers.Get("Authorization"));
    const std::vector<std::string> parts = absl::StrSplit(authorization, '.');
    REQUIRE(parts.size() == 3);
    std::string claims;
    REQUIRE(absl::WebSafeBase64Unescape(parts[1], &claims));
    CHECK(claims == R"({"exp":1767225690,"iat":1767225570,"iss":"5"})");
  }
  auto nobody = data;
  nobody["githubAppInstallationOwner"] = "nobody";
  CHECK_THAT(GitHubToken(Ctx(), cloud.transport(), GitHubApp::FromSecret(nobody, "ns/app").value(),
                         cloud.clock())
                 .status(),
             StatusIs(absl::StatusCode::kNotFound, "no installation of owner 'nobody'"));
  nobody["githubAppPrivateKey"] = "no key";
  CHECK_THAT(GitHubToken(Ctx(), cloud.transport(), GitHubApp::FromSecret(nobody, "ns/app").value(),
                         cloud.clock())
                 .status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "could not parse private key"));
}

TEST_CASE("half of a GitHub App is refused", "[cloud_identity]") {
  struct Row {
    std::map<std::string, std::string> data;
    const char* message;
  };
  const Row rows[] = {
      {{{"githubAppID", "x"}}, "has a 'githubAppID' that is no number"},
      {{{"githubAppID", "1"}, {"githubAppPrivateKey", "k"}},
       "must contain exactly one of 'githubAppInstallationOwner' and 'githubAppInstallationID'"},
      {{{"githubAppID", "1"},
        {"githubAppPrivateKey", "k"},
        {"githubAppInstallationOwner", "o"},
        {"githubAppInstallationID", "1"}},
       "must contain exactly one of"},
      {{{"githubAppID", "1"}, {"githubAppInstallationID", "../x"}}, "that is no number"},
      {{{"githubAppID", "1"}, {"githubAppInstallationID", "1"}},
       "must contain 'githubAppPrivateKey'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.message);
    CHECK_THAT(GitHubApp::FromSecret(row.data, "ns/app").status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
  CHECK_FALSE(GitHubApp::In({{"username", "u"}}));
}

}  // namespace
}  // namespace sluice::cloud_identity
