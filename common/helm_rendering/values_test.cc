// SPDX-License-Identifier: Apache-2.0
#include "common/helm_rendering/values.h"

#include <catch2/catch.hpp>

#include "absl/strings/match.h"
#include "common/kube_testing/api_server.h"
#include "common/value/yaml.h"

namespace sluice::helm_rendering {
namespace {

TEST_CASE("digests of values are those of Flux", "[values]") {
  // spec/helm.md §2.8.
  CHECK(ValuesDigest(Value()) ==
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const Value values =
      value::ParseYaml(
          "{image: {repository: nginx, tag: latest}, ports: [{port: 8080, protocol: TCP}, {port: "
          "9090, protocol: UDP}], replicas: 3}")
          .value();
  CHECK(ValuesDigest(values) ==
        "sha256:fcdc2b0de1581a3633ada4afee3f918f6eaa5b5ab38c3fef03d5b48d3f85d9f6");
  CHECK(absl::StartsWith(
      ValuesDigest(value::ParseYaml("{foo: bar, baz: {cool: stuff}}").value(), "sha512"),
      "sha512:b5f9cd48"));
}

TEST_CASE("a digest is checked by the algorithm that it names", "[values]") {
  const Value values = {{"replicas", 1}};
  CHECK(VerifyValues(ValuesDigest(values, "sha512"), values));
  CHECK(VerifyValues(ValuesDigest({{"replicas", 1.0}}), values));
  CHECK_FALSE(VerifyValues(ValuesDigest(values), {{"replicas", 2}}));
  CHECK_FALSE(VerifyValues("md4:00", values));
  CHECK_FALSE(VerifyValues("", values));
}

TEST_CASE("what comes of Secrets is known to be secret, and stands in no error", "[values]") {
  kube_testing::ApiServer api;
  api.Write(
      "{apiVersion: v1, kind: Secret, metadata: {name: login, namespace: default}, "
      "stringData: {values.yaml: 'password: hunter2', list: 'a,hunter2'}}",
      "test");
  api.Write(
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: plain, namespace: default}, "
      "data: {values.yaml: 'name: everybody'}}",
      "test");
  api::HelmReleaseSpec spec;
  spec.values_from = {{.kind = "ConfigMap", .name = "plain", .key = "values.yaml"},
                      {.kind = "Secret", .name = "login", .key = "values.yaml"}};
  value::SecretTexts secrets;
  const auto values = ComposeValues(api.ctx(), api.client(), "default", spec, &secrets);
  REQUIRE(values.ok());
  CHECK((*values)["password"].str() == "hunter2");
  CHECK(secrets.Masked("everybody, hunter2") == "everybody, ***");

  spec.values_from = {
      {.kind = "Secret", .name = "login", .key = "list", .target_path = "some.path"}};
  const absl::Status refused = ComposeValues(api.ctx(), api.client(), "default", spec).status();
  CHECK(absl::StrContains(refused.message(), "the value cannot be set at 'some.path'"));
  CHECK_FALSE(absl::StrContains(refused.message(), "hunter2"));
}

}  // namespace
}  // namespace sluice::helm_rendering
