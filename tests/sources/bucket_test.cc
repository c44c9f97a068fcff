// Buckets of every provider against a store in the process.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "common/api/meta/reason.h"
#include "common/cloud_identity/token_cache.h"
#include "common/credentials/identity.h"
#include "common/crypto/x509.h"
#include "common/fs/tree.h"
#include "common/http/client.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "services/source-controller/bucket/access.h"
#include "services/source-controller/bucket/reconciliation.h"
#include "services/source-controller/source/reconciler.h"
#include "tests/sources/object_store_fake.h"
#include "tests/sources/test_controller.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;
using source_controller::BucketReconciliation;
using source_controller::kBucket;
using source_controller::SourceReconciler;

class Buckets : public TestController {
 public:
  Buckets()
      : TestController({"buckets"}), reconciler_(kBucket, store(), with(), [this](Value object) {
          return std::make_unique<BucketReconciliation>(with(), cloud_, std::move(object));
        }) {
    options().process.feature_gates =
        runtime::FeatureGates({{credentials::kObjectLevelWorkloadIdentity, false}});
  }

  const source_controller::CloudAccess& cloud() const { return cloud_; }
  // Of the process that the controller is.
  std::map<std::string, std::string> environment;

  absl::StatusOr<runtime::Action> Run() { return Reconcile(reconciler_, "Bucket", "b"); }
  Value Live() { return TestController::Live("Bucket", "b"); }
  // The files of the artifact, by path.
  std::map<std::string, std::string> Files() {
    const auto artifact = api::Artifact::Decode(Live()["status"]["artifact"]);
    const auto tree = storage().Unpack(api().ctx(), *artifact).value();
    std::map<std::string, std::string> files;
    Collect(*tree, "", files);
    return files;
  }

 private:
  static void Collect(const fs::Tree& tree, const std::string& folder,
                      std::map<std::string, std::string>& files) {
    const auto entries = tree.List(folder).value();
    for (const fs::Entry& entry : entries) {
      const std::string path = folder.empty() ? entry.name : absl::StrCat(folder, "/", entry.name);
      if (entry.type == fs::EntryType::kDirectory) {
        Collect(tree, path, files);
      } else {
        files[path] = tree.Read(path).value();
      }
    }
  }

  const std::unique_ptr<http::Transport> transport_ = http::CreateClient({}).value();
  const cloud_identity::Environment surroundings_ = {
      [this](absl::string_view name) {
        const auto variable = environment.find(std::string(name));
        return variable == environment.end() ? "" : variable->second;
      },
      [](const std::string& path) -> absl::StatusOr<std::string> {
        return absl::StrCat("token of ", path);
      }};
  cloud_identity::TokenCache tokens_{{}, RealClock()};
  const source_controller::CloudAccess cloud_ = {
      {api().client(), *transport_, surroundings_, RealClock()},
      tokens_,
      options(),
      with().transports};
  SourceReconciler reconciler_;
};

std::string Manifest(const std::string& spec) {
  return absl::StrCat(
      "apiVersion: source.toolkit.fluxcd.io/v1\nkind: Bucket\n"
      "metadata: {name: b, namespace: default}\n"
      "spec: {interval: 10m, timeout: 5s, bucketName: data, ",
      spec, "}\n");
}

std::string S3Manifest(const ObjectStoreFake& store, const std::string& more = "") {
  return Manifest(absl::StrCat("endpoint: '", store.host(), "', insecure: true", more));
}

TEST_CASE("the revision of a bucket is that of Flux", "[bucket]") {
  using source_controller::IndexRevision;
  CHECK(IndexRevision({{"test.txt", "098f6bcd4621d373cade4e832627b4f6"}},
                      crypto::Algorithm::kSha256) ==
        "sha256:b4c2a60ce44b67f5b659a95ce4e4cc9e2a86baf13afb72bd397c5384cbc0e479");
}

TEST_CASE("the objects of a bucket become its artifact", "[bucket]") {
  ObjectStoreFake store("data");
  store.Put("a.yaml", "a: 1\n");
  store.Put("dir/b & c.yaml", "b: 1\n");
  store.Put("dir/", "");
  store.Put("picture.jpg", "no built-in exclusions here");
  store.Put("ignored/x.txt", "x");
  store.Put("ignored/y.txt", "y");
  store.Put(".sourceignore", "ignored/\n");
  store.Put("../outside", "stays inside");
  Buckets buckets;
  buckets.Apply(S3Manifest(store, ", ignore: '!ignored/y.txt'"));
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  const std::map<std::string, std::string> expected = {
      {".sourceignore", "ignored/\n"}, {"a.yaml", "a: 1\n"},
      {"dir/b & c.yaml", "b: 1\n"},    {"ignored/y.txt", "y"},
      {"outside", "stays inside"},     {"picture.jpg", "no built-in exclusions here"}};
  CHECK(buckets.Files() == expected);

  const Value object = buckets.Live();
  const std::string revision(object["status"]["artifact"]["revision"].str());
  const std::string stored =
      absl::StrCat("True Succeeded: stored artifact: revision '", revision, "'");
  CHECK(ConditionText(object, "Ready") == "Ready=" + stored);
  CHECK(ConditionText(object, "ArtifactInStorage") == "ArtifactInStorage=" + stored);
  CHECK(object["status"]["conditions"].size() == 2);
  CHECK(object["status"]["observedIgnore"].str() == "!ignored/y.txt");
  CHECK(object["status"]["url"].str() == "http://source/bucket/default/b/latest.tar.gz");
  CHECK(object["status"]["artifact"]["path"].str() ==
        absl::StrCat("bucket/default/b/", revision.substr(7), ".tar.gz"));
  const auto events = buckets.Events("b");
  CHECK(std::find(events.begin(), events.end(),
                  "Normal NewArtifact stored artifact with 5 fetched files from 'data' bucket") !=
        events.end());
}

TEST_CASE("only what has changed makes a new artifact", "[bucket]") {
  ObjectStoreFake store("data");
  for (int i = 0; i < 7; ++i) store.Put(absl::StrCat("in/", i), "1");
  store.Put("out/0", "1");
  Buckets buckets;
  buckets.Apply(S3Manifest(store, ", prefix: in/"));
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  CHECK(buckets.Files().size() == 7);
  const Value artifact = buckets.Live()["status"]["artifact"];
  store.Take();
  store.Put("out/0", "2");
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  CHECK(buckets.Live()["status"]["artifact"] == artifact);
  for (const http::ServerRequest& request : store.Take()) {
    CHECK_FALSE(absl::StartsWith(request.path, "/data/in/"));
  }
  store.Put("in/3", "2");
  store.objects.erase("in/4");
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  CHECK(buckets.Files().size() == 6);
  CHECK(buckets.Files()["in/3"] == "2");
}

TEST_CASE("more objects than are downloaded at a time", "[bucket]") {
  ObjectStoreFake store("data");
  for (int i = 0; i < 250; ++i) store.Put(absl::StrCat("o", i), absl::StrCat(i));
  Buckets buckets;
  buckets.Apply(S3Manifest(store));
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  CHECK(buckets.Files().size() == 250);

  // One that fails ends it all.
  store.Put("o7", "new");
  store.fault = [](const std::string& key) -> std::optional<http::ServerResponse> {
    if (key != "o7") return std::nullopt;
    return http::ServerResponse{
        .status = 500,
        .body = "<Error><Message>broken at http://h/x?token=SECRET now</Message></Error>"};
  };
  CHECK_FALSE(buckets.Run().ok());
  CHECK(ConditionText(buckets.Live(), "FetchFailed") ==
        "FetchFailed=True BucketOperationFailed: fetch from bucket 'data' failed: failed to get "
        "'o7' object: broken at http://h/x now");
  CHECK(absl::StartsWith(ConditionText(buckets.Live(), "ArtifactInStorage"),
                         "ArtifactInStorage=True"));

  // One that is gone meanwhile leaves the index, one that changed is taken as it is.
  store.fault = [](const std::string& key) -> std::optional<http::ServerResponse> {
    if (key == "o8") return http::ServerResponse{.status = 404};
    if (key != "o7") return std::nullopt;
    return http::ServerResponse{.headers = {{"ETag", "\"newer\""}}, .body = "newer"};
  };
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  CHECK(buckets.Files().size() == 249);
  CHECK(buckets.Files()["o7"] == "newer");
}

TEST_CASE("a bucket that cannot be read is told as in Flux", "[bucket]") {
  ObjectStoreFake store("other");
  Buckets buckets;
  buckets.Apply(S3Manifest(store));
  CHECK_FALSE(buckets.Run().ok());
  CHECK(ConditionText(buckets.Live(), "FetchFailed") ==
        "FetchFailed=True BucketOperationFailed: bucket 'data' not found");
  store.allows = [](const http::ServerRequest&) { return false; };
  CHECK_FALSE(buckets.Run().ok());
  CHECK(ConditionText(buckets.Live(), "FetchFailed") ==
        "FetchFailed=True BucketOperationFailed: failed to confirm existence of 'data' bucket: 403 "
        "Forbidden");
}

TEST_CASE("an empty bucket is an empty artifact", "[bucket]") {
  ObjectStoreFake store("data");
  Buckets buckets;
  buckets.Apply(S3Manifest(store));
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  CHECK(buckets.Files().empty());
}

TEST_CASE("a key that is a file and a folder cannot be stored", "[bucket]") {
  ObjectStoreFake store("data");
  store.Put("a", "1");
  store.Put("a/b", "1");
  Buckets buckets;
  buckets.Apply(S3Manifest(store));
  CHECK_FALSE(buckets.Run().ok());
  CHECK(
      absl::StartsWith(ConditionText(buckets.Live(), "FetchFailed"),
                       "FetchFailed=True BucketOperationFailed: fetch from bucket 'data' failed"));
}

TEST_CASE("keys of S3 are used for signing and never sent", "[bucket]") {
  ObjectStoreFake store("data");
  store.Put("a", "1");
  store.allows = [](const http::ServerRequest& request) {
    return absl::StartsWith(request.headers.Get("Authorization"),
                            "AWS4-HMAC-SHA256 Credential=AKID/") &&
           absl::StrContains(request.headers.Get("Authorization"),
                             "/eu-1/s3/aws4_request, SignedHeaders=host;");
  };
  Buckets buckets;
  buckets.Apply(SecretManifest("keys", {{"accesskey", "AKID"}, {"secretkey", "SECRET"}}));
  buckets.Apply(S3Manifest(store, ", region: eu-1, secretRef: {name: keys}"));
  REQUIRE_THAT(buckets.Run().status(), IsOk());
  for (const http::ServerRequest& request : store.Take()) {
    for (const auto& [name, value] : request.headers.fields()) {
      CHECK_FALSE(absl::StrContains(value, "SECRET"));
    }
  }
}

TEST_CASE("LDAP credentials are exchanged at the STS endpoint", "[bucket]") {
  NotingServer sts([](const http::ServerRequest& request) {
    if (!absl::StrContains(request.body, "Action=AssumeRoleWithLDAPIdentity") ||
        !absl::StrContains(request.body, "LDAPUsername=user&LDAPPassword=p%40ss")) {
      return http::ServerResponse{
          .status = 403,
          .body = "<ErrorResponse><Error><Message>bad login</Message></Error></ErrorResponse>"};
    }
    return http::ServerResponse{
        .body =
            "<AssumeRoleWithLDAPIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/\">"
            "<AssumeRoleWithLDAPIdentityResult><Credentials><AccessKeyId>TEMP</AccessKeyId>"
            "<SecretAccessKey>S</SecretAccessKey><SessionToken>SESSION</SessionToken>"
            "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            "</AssumeRoleWithLDAPIdentityResult></AssumeRoleWithLDAPIdentityResponse>"};
  });
  ObjectStoreFake store("data");
  store.allows = [](const http::ServerRequest& request) {
    return request.headers.Get("X-Amz-Security-Token") == "SESSION" &&
           absl::StrContains(request.headers.Get("Authorization"), "Credential=TEMP/");
  };
  for (const std::string password : {"p@ss", "wrong"}) {
    CAPTURE(password);
    Buckets buckets;
    buckets.Apply(SecretManifest("ldap", {{"username", "user"}, {"password", password}}));
    buckets.Apply(S3Manifest(store, absl::StrCat(", sts: {provider: ldap, endpoint: '", sts.url(),
                                                 "', secretRef: {name: ldap}}")));
    CHECK(buckets.Run().ok() == (password == "p@ss"));
    if (password == "wrong") {
      CHECK(absl::StrContains(ConditionText(buckets.Live(), "FetchFailed"),
                              "BucketOperationFailed: failed to confirm existence of 'data' "
                              "bucket: STS AssumeRoleWithLDAPIdentity: bad login"));
    }
  }
}

// AWS's own service is asked at the endpoint that the spec gives.
TEST_CASE("a web identity is exchanged for keys", "[bucket]") {
  NotingServer sts([](const http::ServerRequest& request) {
    const bool known =
        absl::StrContains(request.body, "WebIdentityToken=token%20of%20%2Fvar%2Ftoken") &&
        absl::StrContains(request.body, "RoleArn=role");
    if (!known) return http::ServerResponse{.status = 403};
    return http::ServerResponse{
        .body =
            "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
            "<AccessKeyId>TEMP</AccessKeyId><SecretAccessKey>S</SecretAccessKey>"
            "<SessionToken>SESSION</SessionToken></Credentials>"
            "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"};
  });
  ObjectStoreFake store("data");
  store.Put("a", "1");
  store.allows = [](const http::ServerRequest& request) {
    return request.headers.Get("X-Amz-Security-Token") == "SESSION";
  };
  for (const std::string role : {"role", "other"}) {
    CAPTURE(role);
    Buckets buckets;
    buckets.environment = {{"AWS_ROLE_ARN", role}, {"AWS_WEB_IDENTITY_TOKEN_FILE", "/var/token"}};
    buckets.Apply(S3Manifest(store, absl::StrCat(", provider: aws, region: eu-1, sts: {provider: "
                                                 "aws, endpoint: '",
                                                 sts.url(), "'}")));
    CHECK(buckets.Run().ok() == (role == "role"));
  }
}

TEST_CASE("keys of AWS come from the environment", "[bucket]") {
  ObjectStoreFake store("data");
  store.allows = [](const http::ServerRequest& request) {
    return absl::StrContains(request.headers.Get("Authorization"), "Credential=AKID/");
  };
  for (const std::string key : {"AKID", "OTHER"}) {
    CAPTURE(key);
    Buckets buckets;
    buckets.environment = {{"AWS_ACCESS_KEY_ID", key}, {"AWS_SECRET_ACCESS_KEY", "s"}};
    buckets.Apply(S3Manifest(store, ", provider: aws, region: eu-1"));
    CHECK(buckets.Run().ok() == (key == "AKID"));
  }
}

TEST_CASE("settings of a Bucket that do not fit are told as in Flux", "[bucket]") {
  struct Row {
    const char* spec;
    std::vector<std::pair<std::string, std::string>> secret;
    const char* condition;
    bool stalled;
  };
  const Row rows[] = {
      {"provider: aws, endpoint: e, serviceAccountName: sa",
       {},
       "FeatureGateDisabled: to use spec.serviceAccountName for provider authentication please "
       "enable the ObjectLevelWorkloadIdentity feature gate in the controller",
       true},
      {"endpoint: e, secretRef: {name: nope}",
       {},
       "AuthenticationFailed: failed to get secret 'default/nope': secrets \"nope\" not found",
       false},
      {"endpoint: e, secretRef: {name: s}",
       {{"accesskey", "a"}},
       "AuthenticationFailed: invalid 's' secret data: required fields 'accesskey' and "
       "'secretkey'",
       false},
      {"endpoint: e, proxySecretRef: {name: s}",
       {{"x", "a"}},
       "AuthenticationFailed: failed to get proxy URL: secret 'default/s': key 'address' not found",
       false},
      {"endpoint: e, certSecretRef: {name: s}",
       {{"x", "a"}},
       "AuthenticationFailed: failed to get TLS config: secret 'default/s' must contain either "
       "'ca.crt' or both 'tls.crt' and 'tls.key'",
       false},
      {"endpoint: e, sts: {provider: ldap, endpoint: 'http://h', secretRef: {name: s}}",
       {{"username", "a"}},
       "AuthenticationFailed: invalid 's' secret data for 'ldap' STS provider: required fields "
       "username, password",
       false},
      {"endpoint: 'http://e'",
       {},
       "AuthenticationFailed: Endpoint: http://e does not follow ip address or domain name "
       "standards.",
       false},
      {"provider: gcp, endpoint: e, secretRef: {name: s}",
       {{"x", "a"}},
       "AuthenticationFailed: invalid 's' secret data: required fields 'serviceaccount'",
       false},
      {"provider: gcp, endpoint: e, secretRef: {name: s}",
       {{"serviceaccount", "{}"}},
       "AuthenticationFailed: invalid 's' secret data: the service account key must have",
       false},
      {"provider: azure, endpoint: 'http://e', secretRef: {name: s}",
       {{"tenantId", "a"}},
       "AuthenticationFailed: invalid 's' secret data: requires a 'clientId' or 'accountKey' "
       "field, a combination of 'tenantId', 'clientId' and 'clientSecret', or 'tenantId', "
       "'clientId' and 'clientCertificate'",
       false},
      {"provider: azure, endpoint: 'http://e', secretRef: {name: s}",
       {{"tenantId", "a"},
        {"clientId", "b"},
        {"clientCertificate", "x"},
        {"clientCertificatePassword", "hidden"}},
       "AuthenticationFailed: invalid 's' secret data: clientCertificate: neither PEM nor a PKCS "
       "#12 file that the password and this OpenSSL can open",
       false},
      {"provider: azure, endpoint: 'http://e', secretRef: {name: s}",
       {{"sasKey", "a b"}},
       "AuthenticationFailed: the SAS key is no query: (REDACTED)",
       false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.spec);
    Buckets buckets;
    buckets.Apply(SecretManifest("s", row.secret));
    buckets.Apply(Manifest(row.spec));
    CHECK(buckets.Run().ok() == row.stalled);
    const Value object = buckets.Live();
    CHECK(absl::StrContains(ConditionText(object, "FetchFailed"), row.condition));
    CHECK((ConditionText(object, "Stalled") != "") == row.stalled);
  }
}

// Objects from before the schema had its rules.
TEST_CASE("STS settings that do not fit stall", "[bucket]") {
  struct Row {
    const char* provider;
    api::BucketSts sts;
    const char* reason;
    const char* message;
  };
  const Row rows[] = {
      {"gcp",
       {"aws", "http://h", "", ""},
       "InvalidSTSConfiguration",
       "STS configuration is not supported for 'gcp' bucket provider"},
      {"azure",
       {"ldap", "http://h", "", ""},
       "InvalidSTSConfiguration",
       "STS configuration is not supported for 'azure' bucket provider"},
      {"aws",
       {"ldap", "http://h", "", ""},
       "InvalidSTSConfiguration",
       "STS provider 'ldap' is not supported for 'aws' bucket provider"},
      {"generic",
       {"aws", "http://h", "", ""},
       "InvalidSTSConfiguration",
       "STS provider 'aws' is not supported for 'generic' bucket provider"},
      {"aws",
       {"aws", "http://h", "s", ""},
       "InvalidSTSConfiguration",
       "spec.sts.secretRef is not required for the 'aws' STS provider"},
      {"aws",
       {"aws", "http://h", "", "s"},
       "InvalidSTSConfiguration",
       "spec.sts.certSecretRef is not required for the 'aws' STS provider"},
      {"generic", {"ldap", "http://\n", "", ""}, "URLInvalid", "failed to parse STS endpoint '"},
  };
  Buckets buckets;
  buckets.Apply(SecretManifest("s", {{"ca.crt", ""}, {"tls.crt", "x"}, {"tls.key", "x"}}));
  for (const Row& row : rows) {
    CAPTURE(row.message);
    api::BucketSpec spec;
    spec.provider = row.provider;
    spec.endpoint = "h";
    spec.sts = row.sts;
    const auto access = source_controller::BucketAccess::Create(
        buckets.api().ctx(), buckets.cloud(), {"default", "b"}, spec);
    CHECK_THAT(access.status(), StatusIs(absl::StatusCode::kInvalidArgument, row.message));
    CHECK(api::ReasonOf(access.status(), "") == row.reason);
    CHECK(api::IsStalling(access.status()));
  }
}

// An RSA key, made for these tests.
std::string TestKey();

// What is between the dots of a JSON Web Token, decoded.
Value ClaimsOf(const std::string& token) {
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  std::string claims;
  REQUIRE(parts.size() == 3);
  REQUIRE(absl::WebSafeBase64Unescape(parts[1], &claims));
  return value::ParseJson(claims).value();
}

std::string FormField(const std::string& body, const std::string& name) {
  for (const absl::string_view part : absl::StrSplit(body, '&')) {
    if (absl::StartsWith(part, name + "=")) {
      return http::Unescape(part.substr(name.size() + 1), true);
    }
  }
  return "";
}

TEST_CASE("a service account's key gives access to Google's store", "[bucket]") {
  ObjectStoreFake store("data");
  store.Put("a b/c", "1");
  store.Put("d", "2");
  store.Put("e", "3");
  store.allows = [](const http::ServerRequest& request) {
    return request.headers.Get("Authorization") == "Bearer TOKEN";
  };
  NotingServer tokens([](const http::ServerRequest& request) {
    const Value claims = ClaimsOf(FormField(request.body, "assertion"));
    if (claims["iss"].str() != "me@example.com") {
      return http::ServerResponse{.status = 400,
                                  .body = R"({"error_description": "Invalid grant"})"};
    }
    return http::ServerResponse{.body = R"({"access_token": "TOKEN", "expires_in": 3600})"};
  });
  for (const std::string email : {"me@example.com", "you@example.com"}) {
    CAPTURE(email);
    const Value key = {{"type", "service_account"},
                       {"client_email", email},
                       {"private_key_id", "1"},
                       {"private_key", TestKey()},
                       {"token_uri", tokens.url()}};
    Buckets buckets;
    buckets.environment["STORAGE_EMULATOR_HOST"] = store.url();
    buckets.Apply(SecretManifest("s", {{"serviceaccount", value::FormatJson(key)}}));
    buckets.Apply(
        Manifest("provider: gcp, endpoint: storage.googleapis.com, secretRef: {name: s}"));
    CHECK(buckets.Run().ok() == (email == "me@example.com"));
    if (email == "me@example.com") {
      CHECK(buckets.Files() ==
            std::map<std::string, std::string>{{"a b/c", "1"}, {"d", "2"}, {"e", "3"}});
    } else {
      CHECK(absl::StrContains(ConditionText(buckets.Live(), "FetchFailed"),
                              "cannot get a token: Invalid grant"));
    }
  }
}

TEST_CASE("a service account's identity gives access to Google's store", "[bucket]") {
  NotingServer google([](const http::ServerRequest& request) {
    const bool known = absl::StrContains(
        request.body, "audience=%2F%2Fiam.googleapis.com%2Fprojects%2F1%2Flocations%2F");
    if (request.path != "/v1/token" || !known) return http::ServerResponse{.status = 403};
    return http::ServerResponse{.body = R"({"access_token":"GOOGLE","expires_in":3600})"};
  });
  std::vector<std::string> authorizations;
  NotingServer storage([&](const http::ServerRequest& request) {
    authorizations.emplace_back(request.headers.Get("Authorization"));
    return http::ServerResponse{.status = 404};
  });
  for (const bool annotated : {true, false}) {
    CAPTURE(annotated);
    authorizations.clear();
    Buckets buckets;
    buckets.options().process.feature_gates =
        runtime::FeatureGates({{credentials::kObjectLevelWorkloadIdentity, true}});
    buckets.environment = {{"CLOUDSDK_API_ENDPOINT_OVERRIDES_STS", google.url()},
                           {"GCE_METADATA_HOST", google.url().substr(7)},
                           {"STORAGE_EMULATOR_HOST", storage.url()}};
    buckets.Apply(absl::StrCat(
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: sa\n  namespace: default\n"
        "  annotations: {",
        annotated ? "gcp.auth.fluxcd.io/workload-identity-provider: "
                    "projects/1/locations/global/workloadIdentityPools/p/providers/c"
                  : "",
        "}\n"));
    buckets.Apply(Manifest("provider: gcp, endpoint: e, serviceAccountName: sa"));
    CHECK_FALSE(buckets.Run().ok());
    const std::string failed = ConditionText(buckets.Live(), "FetchFailed");
    CAPTURE(failed);
    if (annotated) {
      REQUIRE_FALSE(authorizations.empty());
      CHECK(authorizations[0] == "Bearer GOOGLE");
    } else {
      CHECK(authorizations.empty());
      CHECK(absl::StrContains(failed, "failed to get GKE cluster project ID"));
    }
  }
}

TEST_CASE("Azure's store is reached in all its ways", "[bucket]") {
  ObjectStoreFake store("data");
  store.Put("a/b c", "1");
  store.Put("d", "2");
  store.Put("e", "3");
  NotingServer entra([](const http::ServerRequest& request) {
    const std::string assertion = FormField(request.body, "client_assertion");
    const bool known = FormField(request.body, "client_secret") == "right" ||
                       (!assertion.empty() && ClaimsOf(assertion)["sub"].str() == "app");
    if (request.path != "/tenant/oauth2/v2.0/token" || !known) {
      return http::ServerResponse{.status = 401,
                                  .body = R"({"error_description": "Invalid client"})"};
    }
    return http::ServerResponse{.body = R"({"access_token": "TOKEN", "expires_in": 3600})"};
  });
  const std::string certificate =
      absl::StrCat(crypto::IssueTlsCertificate({.common_name = "app",
                                                .not_before = absl::FromUnixSeconds(1700000000),
                                                .not_after = absl::FromUnixSeconds(1800000000)},
                                               crypto::PrivateKey::FromPem(TestKey()).value(),
                                               /*authority=*/false, nullptr)
                       .value(),
                   TestKey());
  const auto bearer = [](const http::ServerRequest& request) {
    return request.headers.Get("Authorization") == "Bearer TOKEN";
  };
  const auto shared_key = [](const http::ServerRequest& request) {
    return absl::StartsWith(request.headers.Get("Authorization"), "SharedKey 127:");
  };
  const auto sas = [](const http::ServerRequest& request) {
    return absl::StrContains(request.query, "sig=SAS") && absl::StrContains(request.query, "x=y");
  };
  struct Row {
    std::vector<std::pair<std::string, std::string>> secret;
    std::function<bool(const http::ServerRequest&)> allows;
    bool works;
  };
  const std::string host = entra.url();
  const Row rows[] = {
      {{{"authorityHost", host},
        {"tenantId", "tenant"},
        {"clientId", "app"},
        {"clientSecret", "right"}},
       bearer,
       true},
      {{{"authorityHost", host},
        {"tenantId", "tenant"},
        {"clientId", "app"},
        {"clientSecret", "wrong"}},
       bearer,
       false},
      {{{"authorityHost", host},
        {"tenantId", "tenant"},
        {"clientId", "app"},
        {"clientCertificate", certificate},
        {"clientCertificatePassword", "not needed for this one"},
        {"clientCertificateSendChain", "1"}},
       bearer,
       true},
      {{{"authorityHost", host},
        {"tenantId", "tenant"},
        {"clientId", "other"},
        {"clientCertificate", certificate}},
       bearer,
       false},
      {{{"accountKey", "a2V5"}}, shared_key, true},
      {{{"accountKey", "not base64!"}}, shared_key, false},
      {{{"sasKey", "?sig=SAS&sv=1"}}, sas, true},
      {{{"sasKey", "sig=OTHER"}}, sas, false},
      {{{"authorityHost", host}}, [](const http::ServerRequest&) { return true; }, true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.secret);
    store.allows = row.allows;
    Buckets buckets;
    buckets.Apply(SecretManifest("s", row.secret));
    buckets.Apply(Manifest(
        absl::StrCat("provider: azure, endpoint: '", store.url(), "?x=y', secretRef: {name: s}")));
    const auto result = buckets.Run();
    CAPTURE(result.status());
    CHECK(result.ok() == row.works);
    if (row.works) {
      CHECK(buckets.Files() ==
            std::map<std::string, std::string>{{"a/b c", "1"}, {"d", "2"}, {"e", "3"}});
      // Listed and downloaded ETags agree, so that nothing is downloaded again.
      store.Take();
      REQUIRE_THAT(buckets.Run().status(), IsOk());
      for (const http::ServerRequest& request : store.Take()) CHECK(request.path != "/data/d");
    }
  }
}

std::string TestKey() {
  return R"(-----BEGIN PRIVATE KEY-----
MIICeQIBADANBgkqhkiG9w0BAQEFAASCAmMwggJfAgEAAoGBAMBjKqA/iw4WFnXJ
YlUqHCSFcJKABR+0tiI1AuLVSGFBvVG+uEEuQD+QkjyYztvg83mogN5MQuu+X0vb
3FWeAvrPed9mDlicrx36IUCUiXDAXwF1R1M71TasQr4b05URd117YEUokpy4n1Y7
g8dqRnEi4xodqB5Tucjg79D8yCzRAgMBAAECgYEAi5vq5Nr3x8MTjWoUZ4TlY0NK
S6WHElkLCou5im4H1jvkbJugDfzINthspnilND5rsM8spSRmM7i0YtIrdB30Plcw
Au8wuqP3JOHtceCaqJkEGIECK72R1XZMlz9jW9ACAV2NRCOzUzfiyC111+AEuhxB
lOBE8uHTJ/+/JqC1AKECQQDpM1sO4Q5Wa4BEqChzm0jJ4LMpbb7Uc4v2nDxVBEH9
jAtfu/AEew4TBmafno53jUqwYJ/6KEFRbb5aLtpMYEOdAkEA0zJR1OmbQEeNQMJb
SRK11hsqiYCFXYs6YOQW+t65UvQ3dwpJUJ9MWvVGHyQkMUIv+EFAdNCDtpd6YNHU
5WApxQJBAMJ6qMLk368koekgD/QxmWd6tA+lzZKh9iSpMQt5rIsFwuqI8mbaNOea
2/TcJ1X+iD5FpsTZ03dUPX46OqWdVmUCQQCA/7VYFTBM/OdcbNqRMap7krBSuHu9
fXM1B1y58xzDfIP8Y/4QDpz22eXw04R/yeu++SxDrbEl8DRBuykMycX5AkEAhUKB
krB5yQOzOGl6nIRsSUc0vD1Sr0g3kSjXPNTlVTGmRWBULpWf0I/zgAL+3zEZIAI0
deEKZy0KA5UEQ/VdzA==
-----END PRIVATE KEY-----
)";
}

}  // namespace
}  // namespace sluice::sources
