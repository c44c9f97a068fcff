// Buckets and their Secrets as `flux create` prints them, and every way to authenticate at a
// bucket, granted and refused.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <functional>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/testing/status_matchers.h"
#include "tests/e2e/flux_objects.h"

namespace sluice::e2e {
namespace {

// A bucket with a manifest and a chart in it; `allows` decides.
http::Handler Bucket(std::function<bool(const http::ServerRequest&)> allows) {
  return [allows](const Context&, const http::ServerRequest& request) {
    if (!allows(request)) {
      return http::ServerResponse{.status = 403,
                                  .body = "<Error><Message>Access Denied.</Message></Error>"};
    }
    const std::map<std::string, std::string> objects = {
        {"/data/app/config.yaml", "a: 1\n"},
        {"/data/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"}};
    if (request.path == "/data/") {
      std::string list = "<?xml version=\"1.0\"?><ListBucketResult>";
      for (const auto& [path, content] : objects) {
        absl::StrAppend(&list, "<Contents><Key>", path.substr(6), "</Key><ETag>&quot;",
                        crypto::Sha256Hex(content).substr(0, 8), "&quot;</ETag></Contents>");
      }
      return http::ServerResponse{.body = list + "</ListBucketResult>"};
    }
    const auto object = objects.find(request.path);
    if (object == objects.end()) return http::ServerResponse{.status = 404};
    http::ServerResponse response{.body = object->second};
    response.headers.Set("ETag",
                         absl::StrCat("\"", crypto::Sha256Hex(object->second).substr(0, 8), "\""));
    return response;
  };
}

TEST_CASE("Buckets and their Secrets as Flux exports them", "[e2e][flux]") {
  FluxObjects objects;
  const auto open = Start(Bucket(
      [](const http::ServerRequest& request) { return !request.headers.Has("Authorization"); }));
  const auto keys = Start(Bucket([](const http::ServerRequest& request) {
    return absl::StartsWith(request.headers.Get("Authorization"),
                            "AWS4-HMAC-SHA256 Credential=AKID/");
  }));
  const auto session = Start(Bucket([](const http::ServerRequest& request) {
    return request.headers.Get("X-Amz-Security-Token") == "SESSION";
  }));
  const auto sts = Start([](const Context&, const http::ServerRequest& request) {
    if (!absl::StrContains(request.body, "LDAPUsername=ada&LDAPPassword=pw")) {
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
  // flux create source bucket … --access-key=… --secret-key=… makes the Secret.
  objects.Apply(R"(---
apiVersion: v1
kind: Secret
metadata:
  name: bucket-keys
  namespace: NAMESPACE
stringData:
  accesskey: AKID
  secretkey: SECRET

---
apiVersion: v1
kind: Secret
metadata:
  name: bucket-wrong
  namespace: NAMESPACE
stringData:
  accesskey: OTHER
  secretkey: hunter2

---
apiVersion: v1
kind: Secret
metadata:
  name: ldap
  namespace: NAMESPACE
stringData:
  password: pw
  username: ada

---
apiVersion: v1
kind: Secret
metadata:
  name: ldap-wrong
  namespace: NAMESPACE
stringData:
  password: hunter2
  username: ada
)");
  const auto add = [&](const std::string& name, const http::Server& server,
                       const std::string& more) {
    objects.Apply(absl::StrCat(R"(---
apiVersion: source.toolkit.fluxcd.io/v1
kind: Bucket
metadata:
  name: )",
                               name, R"(
  namespace: NAMESPACE
spec:
  bucketName: data
  endpoint: 127.0.0.1:)",
                               server.port(), R"(
  insecure: true
  interval: 1m0s
  provider: generic
)",
                               more));
  };
  const auto secret = [](const char* name) {
    return absl::StrCat("  secretRef:\n    name: ", name, "\n");
  };
  const auto exchange = [&](const char* name) {
    return absl::StrCat("  sts:\n    endpoint: ", UrlOf(*sts),
                        "\n    provider: ldap\n    secretRef:\n      name: ", name, "\n");
  };
  add("open", *open, "");
  add("open-with-keys", *open, secret("bucket-keys"));
  add("keys", *keys, secret("bucket-keys") + "  region: eu-west-1\n");
  add("keys-wrong", *keys, secret("bucket-wrong"));
  add("keys-none", *keys, "");
  add("keys-absent", *keys, secret("nowhere"));
  add("sts", *session, exchange("ldap"));
  add("sts-wrong", *session, exchange("ldap-wrong"));
  objects.Apply(R"(---
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmChart
metadata:
  name: web-bucket
  namespace: NAMESPACE
spec:
  chart: web
  interval: 1m0s
  reconcileStrategy: ChartVersion
  sourceRef:
    kind: Bucket
    name: keys
)");
  for (const char* name : {"open", "keys", "sts"}) objects.ExpectReady("Bucket", name);
  for (const char* name : {"open-with-keys", "keys-wrong", "keys-none"}) {
    objects.ExpectRefused("Bucket", name, "403 Forbidden");
  }
  objects.ExpectRefused("Bucket", "keys-absent", "not found");
  objects.ExpectRefused("Bucket", "sts-wrong", "bad login");
  objects.ExpectReady("HelmChart", "web-bucket");
  CHECK_FALSE(absl::StrContains(objects.cluster().Describe(), "hunter2"));
  CHECK_FALSE(absl::StrContains(objects.cluster().Describe(), "SECRET"));
  CHECK(objects.cluster().Casualties() == "");
}

}  // namespace
}  // namespace sluice::e2e
