// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "common/value/yaml.h"

namespace sluice::value {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("resources are read as kustomize reads them", "[yaml]") {
  struct Row {
    const char* yaml;
    const char* json;
  };
  const Row rows[] = {
      {"a: yes", R"([{"a":"yes"}])"},
      {"a: 0644\nb: 0o17\nc: 1_000\nd: 1.50", R"([{"a":420,"b":15,"c":1000,"d":1.5}])"},
      {"a: 2024-01-02", R"([{"a":"2024-01-02T00:00:00Z"}])"},
      {"1: a\ntrue: b", R"([{"1":"a","true":"b"}])"},
      {"x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  a: 3", R"([{"x":{"a":1,"b":2},"y":{"a":3,"b":2}}])"},
      {"a: 1\n---\n# nothing\n---\nb: 2\n", R"([{"a":1},{"b":2}])"},
      {"a: |\n  x\n\n---\nb: 1", R"([{"a":"x\n"},{"b":1}])"},
      {"", "[]"},
      {"[a, b]", R"([["a","b"]])"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    const auto documents = ParseKyaml(row.yaml);
    REQUIRE_THAT(documents.status(), testing::IsOk());
    Value list = Value::EmptyArray();
    for (const YamlDocument& document : *documents) list.Append(document.value);
    CHECK(FormatJson(list) == row.json);
  }
}

TEST_CASE("what kustomize cannot read is refused", "[yaml]") {
  struct Row {
    const char* yaml;
    const char* message;
  };
  const Row rows[] = {
      {"a: 1\na: 2", "line 2: mapping key \"a\" already defined at line 1"},
      {"a: .nan", "unsupported value"},
      {"a: {1: b}", "unsupported type: map[interface {}]interface {}"},
      {"scalar", "cannot unmarshal !!str `scalar` into map[string]interface {}"},
      {"a: *b", "unknown anchor 'b' referenced"},
      {"a: &b [*b]", "anchor 'b' value contains itself"},
      {"a: 1\n--- x\nb: 1\n", "invalid document separator: --- x"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    CHECK_THAT(ParseKyaml(row.yaml).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
}

}  // namespace
}  // namespace sluice::value
