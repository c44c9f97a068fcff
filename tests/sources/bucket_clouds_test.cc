// Buckets of Google's and Azure's stores.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "common/crypto/x509.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "tests/sources/bucket_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::IsOk;

// An RSA key, made for these tests.
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
        BucketManifest("provider: gcp, endpoint: storage.googleapis.com, secretRef: {name: s}"));
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
    buckets.Apply(BucketManifest("provider: gcp, endpoint: e, serviceAccountName: sa"));
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
    buckets.Apply(BucketManifest(
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

}  // namespace
}  // namespace sluice::sources
