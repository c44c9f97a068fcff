// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/prepare.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/crypto/x509.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::ssa {
namespace {

std::string Prepared(const std::string& yaml) {
  Value object = value::ParseYaml(yaml).value();
  Prepare(object);
  return value::FormatJson(object);
}
std::string Json(const std::string& yaml) {
  return value::FormatJson(value::ParseYaml(yaml).value());
}

TEST_CASE("objects are applied without what is the server's", "[ssa]") {
  struct Row {
    const char* name;
    const char* object;
    const char* prepared;
  };
  const Row rows[] = {
      {"status and creation time",
       "{kind: Service, apiVersion: v1, metadata: {name: a, creationTimestamp: null}, status: {}}",
       "{kind: Service, apiVersion: v1, metadata: {name: a}}"},
      {"null annotations and labels",
       "{kind: Service, apiVersion: v1, metadata: {annotations: {a: null, b: x}, labels: {c: "
       "null}}}",
       "{kind: Service, apiVersion: v1, metadata: {annotations: {a: '', b: x}, labels: {c: ''}}}"},
      {"stringData wins over data",
       "{kind: Secret, apiVersion: v1, stringData: {a: hi}, data: {a: b2xk, b: eA==}}",
       "{kind: Secret, apiVersion: v1, data: {a: aGk=, b: eA==}}"},
      {"stringData that is none", "{kind: Secret, apiVersion: v1, stringData: {a: 1}}",
       "{kind: Secret, apiVersion: v1, stringData: {a: 1}}"},
      {"another kind's stringData", "{kind: Secret, apiVersion: x.io/v1, stringData: {a: hi}}",
       "{kind: Secret, apiVersion: x.io/v1, stringData: {a: hi}}"},
      {"no metadata", "{kind: Service, apiVersion: v1}", "{kind: Service, apiVersion: v1}"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    CHECK(Prepared(row.object) == Json(row.prepared));
  }
}

TEST_CASE("a placeholder for an authority is left out, an authority is not", "[ssa]") {
  const auto definition = [](const std::string& client_config) {
    return absl::StrCat(
        "{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, spec: {conversion: "
        "{webhook: {clientConfig: {",
        client_config, "}}}}, status: {a: b}}");
  };
  const std::string real =
      absl::Base64Escape(crypto::CreateAuthority("ca", absl::Now(), absl::Now() + absl::Hours(1))
                             .value()
                             .certificate_pem);
  CHECK(Prepared(definition("caBundle: Cg==, url: x")) == Json(definition("url: x")));
  CHECK(Prepared(definition("caBundle: '***'")) == Json(definition("")));
  CHECK(Prepared(definition(absl::StrCat("caBundle: ", real))) ==
        Json(definition(absl::StrCat("caBundle: ", real))));
}

}  // namespace
}  // namespace sluice::ssa
