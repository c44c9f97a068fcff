// Settings of Buckets that do not fit.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "common/api/meta/reason.h"
#include "common/testing/status_matchers.h"
#include "services/source-controller/bucket/access.h"
#include "tests/sources/bucket_fixture.h"

namespace sluice::sources {
namespace {

using ::sluice::testing::StatusIs;

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
    buckets.Apply(BucketManifest(row.spec));
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

}  // namespace
}  // namespace sluice::sources
