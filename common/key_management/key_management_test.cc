// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/key_management/aws_kms.h"
#include "common/key_management/azure_key_vault.h"
#include "common/key_management/gcp_kms.h"
#include "common/key_management/vault.h"
#include "common/testing/fake_clock.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::key_management {
namespace {

using ::sluice::testing::FakeClock;
using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr char kPlain[] = "cGxhaW4=";  // "plain"
constexpr char kArn[] = "arn:aws:kms:eu-west-1:123456789012:key/1234";
constexpr char kGcpKey[] = "projects/p/locations/global/keyRings/r/cryptoKeys/k";

// A service on loopback that gives the same answer to everything, and what it was asked.
class FakeService {
 public:
  FakeService() {
    server_ =
        http::Server::Start({.address = "127.0.0.1:0"}, [this](const Context&,
                                                               const http::ServerRequest& request) {
          absl::MutexLock lock(&mutex_);
          requests_.push_back(request);
          http::ServerResponse response;
          response.status = status;
          const auto it = by_path.find(request.path);
          response.body = it == by_path.end() ? body : it->second;
          return response;
        }).value();
    transport_ = http::CreateClient({}).value();
  }

  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }
  http::Transport& transport() { return *transport_; }
  std::vector<http::ServerRequest> Requests() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(requests_, {});
  }

  // Set before the calls that need them.
  int status = 200;
  std::string body = "{}";
  std::map<std::string, std::string> by_path;

 private:
  absl::Mutex mutex_;
  std::vector<http::ServerRequest> requests_;
  std::unique_ptr<http::Transport> transport_;
  std::unique_ptr<http::Server> server_;
};

Context Ctx() { return Context::Background().WithTimeout(absl::Seconds(20)); }

Value Body(const http::ServerRequest& request) { return value::ParseJson(request.body).value(); }

bucket::AwsCredentials Credentials() { return {"AKID", Secret("secret"), Secret("")}; }

TEST_CASE("AWS KMS is asked with a signed request", "[key_management]") {
  FakeService service;
  FakeClock clock;
  service.body = value::FormatJson({{"Plaintext", kPlain}});
  Endpoints endpoints;
  endpoints.aws_kms = service.url();
  const auto plain = DecryptWithAwsKms(Ctx(), service.transport(), clock, endpoints, Credentials(),
                                       {kArn, "", {{"app", "web"}}}, "c2VhbGVk");
  REQUIRE_THAT(plain.status(), IsOk());
  CHECK(plain->Reveal() == "plain");
  const auto requests = service.Requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "POST");
  CHECK(requests[0].headers.Get("X-Amz-Target") == "TrentService.Decrypt");
  CHECK(absl::StrContains(requests[0].headers.Get("Authorization"), "/eu-west-1/kms/aws4_request"));
  CHECK(Body(requests[0]) == Value({{"CiphertextBlob", "c2VhbGVk"},
                                    {"KeyId", kArn},
                                    {"EncryptionContext", {{"app", "web"}}}}));
}

TEST_CASE("a role is assumed before AWS KMS is asked", "[key_management]") {
  FakeService service;
  FakeService sts;
  FakeClock clock;
  service.body = value::FormatJson({{"Plaintext", kPlain}});
  sts.body =
      "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ROLE</AccessKeyId>"
      "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials>"
      "</AssumeRoleResult></AssumeRoleResponse>";
  Endpoints endpoints;
  endpoints.aws_kms = service.url();
  endpoints.aws_sts = sts.url();
  const auto decrypt = [&] {
    return DecryptWithAwsKms(Ctx(), service.transport(), clock, endpoints, Credentials(),
                             {kArn, "arn:aws:iam::1:role/r", {}}, "c2VhbGVk");
  };
  REQUIRE_THAT(decrypt().status(), IsOk());
  const auto requests = service.Requests();
  REQUIRE(requests.size() == 1);
  CHECK(absl::StrContains(requests[0].headers.Get("Authorization"), "Credential=ROLE/"));
  CHECK(requests[0].headers.Get("X-Amz-Security-Token") == "t");
  CHECK(absl::StrContains(sts.Requests()[0].body, "RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr"));
  sts.body = "<x/>";
  CHECK_THAT(decrypt().status(), StatusIs(absl::StatusCode::kUnavailable, "no credentials"));
  sts.status = 403;
  CHECK_THAT(decrypt().status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "failed to assume role"));
}

TEST_CASE("the region of a key is the one in its ARN", "[key_management]") {
  CHECK(AwsKmsRegion(kArn).value() == "eu-west-1");
  CHECK(AwsKmsRegion("arn:aws-cn:kms:cn-north-1:1:alias/a/b").value() == "cn-north-1");
  for (const char* arn : {"", "arn:aws:kms:eu-west-1:1:key/", "arn:aws:s3:eu-west-1:1:key/k",
                          "arn:aws:kms::1:key/k", "arn:aws:kms:eu-west-1:x:key/k",
                          // The region becomes part of a host name.
                          "arn:aws:kms:evil.example/:1:key/k", "arn:aws:kms:a@b:1:key/k",
                          "arn:gcp:kms:eu-west-1:1:key/k"}) {
    CAPTURE(arn);
    CHECK_THAT(AwsKmsRegion(arn).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "no valid ARN found in"));
  }
}

TEST_CASE("Google's KMS is asked by the key's name", "[key_management]") {
  FakeService service;
  service.body = value::FormatJson({{"plaintext", kPlain}});
  Endpoints endpoints;
  endpoints.gcp_kms = service.url();
  const auto plain = DecryptWithGcpKms(Ctx(), service.transport(), endpoints, Secret("token"),
                                       kGcpKey, "c2VhbGVk");
  REQUIRE_THAT(plain.status(), IsOk());
  CHECK(plain->Reveal() == "plain");
  const auto requests = service.Requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].path == absl::StrCat("/v1/", kGcpKey, ":decrypt"));
  CHECK(requests[0].headers.Get("Authorization") == "Bearer token");
  CHECK(Body(requests[0]) == Value({{"ciphertext", "c2VhbGVk"}}));
  for (const char* key : {"", "projects/p/locations/l/keyRings/r/cryptoKeys/",
                          "projects/../locations/l/keyRings/r/cryptoKeys/k",
                          "projects/p/locations/l/keyRings/r/cryptoKeys/k?x",
                          "projects/p/locations/l/keyRings/r/cryptoKeys/k/v/1"}) {
    CAPTURE(key);
    CHECK_THAT(
        DecryptWithGcpKms(Ctx(), service.transport(), endpoints, Secret("token"), key, "c2VhbGVk")
            .status(),
        StatusIs(absl::StatusCode::kInvalidArgument, "no valid resource ID"));
  }
  CHECK(service.Requests().empty());
}

TEST_CASE("Azure's vaults are asked, and no other host", "[key_management]") {
  FakeService service;
  service.body = value::FormatJson({{"value", "cGxhaW4"}});
  Endpoints endpoints;
  endpoints.azure_key_vault = service.url();
  const AzureKey key = {"https://v.vault.azure.net", "name", "1"};
  const auto plain = DecryptWithAzureKeyVault(Ctx(), service.transport(), endpoints,
                                              Secret("token"), key, "c2VhbGVk");
  REQUIRE_THAT(plain.status(), IsOk());
  CHECK(plain->Reveal() == "plain");
  const auto requests = service.Requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].path == "/keys/name/1/decrypt");
  CHECK(requests[0].headers.Get("Authorization") == "Bearer token");
  CHECK(Body(requests[0]) == Value({{"alg", "RSA-OAEP-256"}, {"value", "c2VhbGVk"}}));
  CHECK(AzureKeyVaultScope("https://V.vault.usgovcloudapi.net/").value() ==
        "https://vault.usgovcloudapi.net/.default");
  for (const char* url : {"", "http://v.vault.azure.net", "https://vault.azure.net.evil.example",
                          "https://evilvault.azure.net", "https://evil.example/.vault.azure.net",
                          "https://a@v.vault.azure.net"}) {
    CAPTURE(url);
    CHECK_THAT(DecryptWithAzureKeyVault(Ctx(), service.transport(), endpoints, Secret("token"),
                                        {url, "name", "1"}, "c2VhbGVk")
                   .status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "none of an Azure Key Vault"));
  }
  CHECK(service.Requests().empty());
}

TEST_CASE("Vault decrypts with a token, which a login gives", "[key_management]") {
  FakeService service;
  service.by_path["/v1/auth/kubernetes/login"] =
      value::FormatJson({{"auth", {{"client_token", "token"}}}});
  service.body = value::FormatJson({{"data", {{"plaintext", kPlain}}}});
  const VaultServer server = {service.url(), "team"};
  const auto token = LogInToVault(Ctx(), service.transport(), server, "auth/kubernetes/login",
                                  "ns_name", Secret("jwt"));
  REQUIRE_THAT(token.status(), IsOk());
  CHECK(Body(service.Requests()[0]) == Value({{"jwt", "jwt"}, {"role", "ns_name"}}));
  const auto plain = DecryptWithVault(Ctx(), service.transport(), server, *token,
                                      {"team/transit", "my key"}, "vault:v1:x");
  REQUIRE_THAT(plain.status(), IsOk());
  CHECK(plain->Reveal() == "plain");
  const auto requests = service.Requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].path == "/v1/team/transit/decrypt/my key");
  CHECK(requests[0].headers.Get("X-Vault-Token") == "token");
  CHECK(requests[0].headers.Get("X-Vault-Namespace") == "team");
  for (const VaultKey& key : {VaultKey{"..", "k"}, VaultKey{"transit", "../../sys/seal"}}) {
    CHECK_THAT(
        DecryptWithVault(Ctx(), service.transport(), server, *token, key, "vault:v1:x").status(),
        StatusIs(absl::StatusCode::kInvalidArgument, "leads elsewhere"));
  }
  CHECK_FALSE(DecryptWithVault(Ctx(), service.transport(), {"file:///etc", ""}, *token,
                               {"transit", "k"}, "vault:v1:x")
                  .ok());
  service.by_path["/v1/auth/kubernetes/login"] = "{}";
  CHECK_THAT(LogInToVault(Ctx(), service.transport(), server, "auth/kubernetes/login", "ns_name",
                          Secret("jwt"))
                 .status(),
             StatusIs(absl::StatusCode::kUnavailable, "returned no token for login at"));
}

TEST_CASE("refusals say what the service says, and no credential", "[key_management]") {
  FakeService service;
  FakeClock clock;
  Endpoints endpoints;
  endpoints.aws_kms = endpoints.gcp_kms = endpoints.azure_key_vault = service.url();
  struct Row {
    int status;
    std::string body;
    absl::StatusCode code;
    const char* text;
  };
  const Row rows[] = {
      {400, R"({"__type": "com.amazonaws#AccessDeniedException", "Message": "not yours"})",
       absl::StatusCode::kPermissionDenied, "AccessDeniedException: not yours"},
      {403, R"({"errors": ["permission denied"]})", absl::StatusCode::kPermissionDenied,
       "HTTP status 403, permission denied"},
      {403, R"({"error": {"code": 403, "message": "no such key"}})",
       absl::StatusCode::kPermissionDenied, "no such key"},
      {503, "", absl::StatusCode::kUnavailable, "HTTP status 503"},
      {429, "", absl::StatusCode::kUnavailable, "HTTP status 429"},
      {200, "no json", absl::StatusCode::kUnavailable, "the answer is no JSON"},
      {200, "{}", absl::StatusCode::kUnavailable, "the answer holds no key"},
      {200, std::string((size_t{1} << 20) + 1, ' '), absl::StatusCode::kResourceExhausted,
       "too large"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    service.status = row.status;
    service.body = row.body;
    const Secret token("hunter2");
    for (const absl::Status& status :
         {DecryptWithAwsKms(Ctx(), service.transport(), clock, endpoints,
                            {"AKID", Secret("hunter2"), Secret("hunter2")}, {kArn, "", {}},
                            "c2VhbGVk")
              .status(),
          DecryptWithGcpKms(Ctx(), service.transport(), endpoints, token, kGcpKey, "c2VhbGVk")
              .status(),
          DecryptWithAzureKeyVault(Ctx(), service.transport(), endpoints, token,
                                   {"https://v.vault.azure.net", "n", "1"}, "c2VhbGVk")
              .status(),
          DecryptWithVault(Ctx(), service.transport(), {service.url(), ""}, token, {"transit", "k"},
                           "vault:v1:x")
              .status()}) {
      CHECK_THAT(status, StatusIs(row.code, row.text));
      CHECK_FALSE(absl::StrContains(status.message(), "hunter2"));
    }
  }
  CHECK_FALSE(DecryptWithAwsKms(Ctx(), service.transport(), clock, endpoints, Credentials(),
                                {kArn, "", {}}, "no base64!")
                  .ok());
}

TEST_CASE("endpoints come from the environment", "[key_management]") {
  const std::map<std::string, std::string> variables = {{"AWS_ENDPOINT_URL_KMS", "http://a/"},
                                                        {"SOPS_GCP_KMS_ENDPOINT", "http://b"}};
  const Endpoints endpoints = Endpoints::FromEnvironment([&](absl::string_view name) {
    const auto it = variables.find(std::string(name));
    return it == variables.end() ? std::string() : it->second;
  });
  CHECK(endpoints.aws_kms == "http://a");
  CHECK(endpoints.gcp_kms == "http://b");
  CHECK(endpoints.aws_sts.empty());
}

}  // namespace
}  // namespace sluice::key_management
