// Buckets of S3: where the keys come from, and what they are used for.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "common/testing/status_matchers.h"
#include "tests/sources/bucket_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;

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

}  // namespace
}  // namespace sluice::sources
