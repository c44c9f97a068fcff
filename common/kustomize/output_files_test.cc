// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/output_files.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "common/value/yaml.h"

namespace sluice::kustomize {
namespace {

using ::sluice::testing::StatusIs;

BuildResult Result(const std::vector<std::string>& objects) {
  BuildResult result;
  for (const std::string& object : objects) {
    result.resources.push_back(value::ParseYaml(object).value());
  }
  return result;
}

std::string Object(const char* api_version, const char* kind, const char* name,
                   const char* ns = "") {
  return absl::StrCat("{apiVersion: ", api_version, ", kind: ", kind, ", metadata: {name: '", name,
                      "', namespace: '", ns, "'}}");
}

TEST_CASE("each object has a file named after it", "[kustomize]") {
  struct Row {
    std::vector<std::string> objects;
    std::vector<std::string> want;
  };
  const Row rows[] = {
      {{Object("v1", "ConfigMap", "A", "one"), Object("apps/v1", "Deployment", "d", "one")},
       {"apps_v1_deployment_d.yaml", "v1_configmap_a.yaml"}},
      // Several namespaces: they stand in front, but not of what is in none.
      {{Object("v1", "ConfigMap", "a", "one"), Object("v1", "ConfigMap", "a", "Two"),
        Object("v1", "Namespace", "NS"), Object("example.com/v1", "Foo", "system:f")},
       {"default_example.com_v1_foo_system:f.yaml", "one_v1_configmap_a.yaml",
        "two_v1_configmap_a.yaml", "v1_namespace_ns.yaml"}},
      {{"{kind: Bar, metadata: {name: b}}"}, {"bar_b.yaml"}},
      {{}, {}},
  };
  for (const Row& row : rows) {
    const auto files = OutputFiles(Result(row.objects)).value();
    std::vector<std::string> names;
    for (const auto& [name, text] : files) names.push_back(name);
    CHECK(names == row.want);
  }
  CHECK(OutputFiles(Result({"{kind: Bar, metadata: {name: b}}"}))->at("bar_b.yaml") ==
        "kind: Bar\nmetadata:\n  name: b\n");
}

TEST_CASE("no file leads elsewhere or is written twice", "[kustomize]") {
  CHECK_THAT(OutputFiles(Result({Object("v1", "ConfigMap", "../../x")})).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "its name has a '/'"));
  CHECK_THAT(OutputFiles(Result({Object("v1", "Foo", "a"), Object("v1", "Foo", "A")})).status(),
             StatusIs(absl::StatusCode::kAlreadyExists, "v1_foo_a.yaml"));
}

}  // namespace
}  // namespace sluice::kustomize
