// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_resources.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "common/value/yaml_aliases.h"

namespace sluice::value {
namespace {

using ::sluice::testing::StatusIs;

std::string Rewrite(absl::string_view text, const ResourceOptions& options = {}) {
  auto resources = ReadYamlResources(text, options);
  if (!resources.ok()) return std::string(resources.status().message());
  return WriteYamlResources(*std::move(resources));
}

TEST_CASE("a file is cut at its separators", "[yaml]") {
  const auto parts = SplitYamlResources("a: 1\r\n---\r\nb: 2\n--- # c\nc: |\n  ---\n---\n").value();
  REQUIRE(parts.size() == 4);
  CHECK(parts[0].text == "a: 1\n");
  CHECK(parts[1].line == 3);
  CHECK(parts[1].text == "b: 2\n");
  CHECK(parts[2].line == 5);
  CHECK(parts[2].text == "c: |\n  ---\n");
  CHECK(parts[3].text.empty());
  CHECK(SplitYamlResources("").value().empty());
  // A separator on the first line, or without an end, is the parser's.
  CHECK(SplitYamlResources("---\na: 1\n---").value().size() == 1);
  CHECK_THAT(SplitYamlResources("a: 1\n--- b\nc: 1\n").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "invalid document separator: --- b"));
}

TEST_CASE("resources are written as they were read", "[yaml]") {
  struct Row {
    const char* read;
    const char* written;
  };
  const Row rows[] = {
      {"a: 1 # c\n---\n# head\nb: 2\n", "a: 1 # c\n---\n# head\nb: 2\n"},
      {"# nothing\n---\n---\na: 1\n---\nnull\n", "a: 1\n"},
      {"kind: List\nitems:\n- a: 1\n- b: 2\n", "a: 1\n---\nb: 2\n"},
      {"kind: List\nitems:\n- a: 1\n---\nb: 2\n", "kind: List\nitems:\n- a: 1\n---\nb: 2\n"},
      // Empty annotations, and metadata then empty, go.
      {"metadata:\n  name: x\n  annotations: {}\n", "metadata:\n  name: x\n"},
      {"a: 1\nmetadata:\n  annotations:\n    config.kubernetes.io/index: '0'\n", "a: 1\n"},
      {"metadata:\n  annotations:\n    x: y\n", "metadata:\n  annotations:\n    x: y\n"},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.read);
    CHECK(Rewrite(row.read) == row.written);
  }
  CHECK(Rewrite("kind: List\nitems:\n- a: 1\n", {.unwrap_lists = false}) ==
        "kind: List\nitems:\n- a: 1\n");
}

TEST_CASE("the indentation of lists is kept when asked", "[yaml]") {
  const ResourceOptions keep{.keep_sequence_indent = true};
  struct Row {
    const char* read;
    const char* written;
  };
  const Row rows[] = {
      {"a:\n  - b\nc:\n- d\n", "a:\n  - b\nc:\n  - d\n"},  // the first list decides
      {"a:\n- b\nc:\n  - d\n", "a:\n- b\nc:\n- d\n"},
      {"a: # c\n  # c\n  - b\n", "a: # c\n  # c\n  - b\n"},
      {"- a\n",
       "wrong node kind: expected MappingNode but got SequenceNode: node contents:\n- a\n"},
      {"a:\n  - b\n---\na:\n- b\n", "a:\n  - b\n---\na:\n- b\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.read);
    CHECK(Rewrite(row.read, keep) == row.written);
  }
  CHECK(Rewrite("a:\n  - b\n") == "a:\n- b\n");
}

TEST_CASE("what is no resource is refused", "[yaml]") {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"x", "expected MappingNode but got ScalarNode: node contents:\nx"},
      {"a: [", "MalformedYAMLError: yaml: line 1: did not find expected node content"},
      {"metadata: x\n", "expected MappingNode but got ScalarNode: node contents:\nx"},
      {"metadata:\n  annotations: [a]\n", "expected MappingNode but got SequenceNode"},
      {"kind: List\nitems:\n- 1\n", "expected MappingNode but got ScalarNode"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK_THAT(ReadYamlResources(row.text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
}

TEST_CASE("aliases and merge keys are expanded", "[yaml]") {
  struct Row {
    const char* yaml;
    const char* expanded;  // or the message
  };
  const Row rows[] = {
      {"a: &x {b: 1}\nc: *x\n", "a: {b: 1}\nc: {b: 1}\n"},
      {"a: &x [1]\nb: &y [*x, *x]\nc: *y\n", "a: [1]\nb: [[1], [1]]\nc: [[1], [1]]\n"},
      {"x: &x {a: 1, b: 1}\ny:\n  b: 2\n  <<: *x\n", "x: {a: 1, b: 1}\ny:\n  b: 2\n  a: 1\n"},
      {"x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz:\n  <<: [*x, *y]\n",
       "x: {a: 1}\ny: {a: 2, b: 2}\nz:\n  a: 1\n  b: 2\n"},
      {"'<<': 1\na: 2\n", "a: 2\n"},                                // kyaml does not look at quotes
      {"null: 1\n", "null: 1\nnull: 1\n"},                          // and adds null keys again
      {"z:\n  <<: &m {a: 1}\ny: *m\n", "z:\n  a: 1\ny: {a: 1}\n"},  // an anchor in what goes
      {"a: &a {b: *a}\n", "yaml: anchor 'a' value contains itself"},
      {"<<: {a: 1}\nb: 1\n<<: {a: 1}\n", "duplicate merge key"},
      {"a: &a 1\nb: {<<: *a}\n", "invalid map merge: received alias for a non-map value"},
      {"<<: [[a]]\n", "invalid map merge: received a nested sequence"},
      {"<<: 1\n", "map merge requires map or sequence of maps as the value"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    const auto document = ParseYamlNode(row.yaml).value();
    const absl::Status status = ExpandYamlAliases(*document);
    CHECK((status.ok() ? FormatYamlNode(*document) : std::string(status.message())) ==
          row.expanded);
  }
}

TEST_CASE("the printer's faults show in what kyaml reads back", "[yaml]") {
  struct Row {
    const char* yaml;
    const char* json;
  };
  const Row rows[] = {
      {"{a: 1, b}", R"({"a":1,"b":""})"},
      {"a: |+\n  x\n\n# c\n", "{\"a\":\"x\\n\\n\\n\"}"},
      {"a: {b: 2024-01-02 03:04:05}", R"({"a":{"b":"2024-01-02 03:04:05"}})"},
      {"a: 2024-01-02", R"({"a":"2024-01-02T00:00:00Z"})"},
      {"---\n", "{}"},
      {"null", "null"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    CHECK(FormatJson(KyamlNodeToValue(*ParseYamlNode(row.yaml).value()).value()) == row.json);
  }
}

}  // namespace
}  // namespace sluice::value
