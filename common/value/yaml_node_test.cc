// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml_node.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "common/value/yaml_decode.h"

namespace sluice::value {
namespace {

using ::sluice::testing::StatusIs;
using Kind = YamlNode::Kind;

std::string Reprint(absl::string_view yaml) {
  const auto node = ParseYamlNode(yaml);
  if (!node.ok()) return std::string(node.status().message());
  return *node == nullptr ? "(no document)" : FormatYamlNode(**node);
}

TEST_CASE("what kyaml prints as it was written stays", "[yaml]") {
  for (const char* yaml : {
           "a: 1 # line\n",
           "# head\na: 1\n# of b\nb: 2\n\n# foot\n",
           "# document\n\n# of a\na: 1\n",
           "a: # of the block\n- b # x\n# head of c\n- c\n",
           "a: | # literal\n  x\n  y\n# c\nb: 1\n",
           "a: [1, 2] # flow\nb: {x: 'y', z: \"w\"}\n",
           "a: &x {b: 1}\nc: *x\n",
           "a: !!str 1\nb: !custom {c: 1}\n",
           "a: \"double\"\nb: 'single'\nc: plain\nd: |-\n  lit\n",
           "a:\nb: ~\nc: null\nd: ''\n",
           "- a: 1\n  b: 2\n- - x\n  - y\n",
           "? |\n  key\n: value\n",
           "yes: no\n0644: 0o17\n",
       }) {
    CAPTURE(yaml);
    CHECK(Reprint(yaml) == yaml);
  }
}

TEST_CASE("what kyaml prints differently", "[yaml]") {
  struct Row {
    const char* yaml;
    const char* printed;
  };
  const Row rows[] = {
      {"a:   1\nb:\n    - x\n    -   y\n", "a: 1\nb:\n- x\n- y\n"},
      {"a: 1\n\n\nb: 2\n", "a: 1\nb: 2\n"},
      {"{a: 1, b}", "{a: 1, b: ''}\n"},  // null becomes an empty string
      {"a: >-\n  x\n  y\n", "a: >-\n  x y\n"},
      {"a: b\n  c\n", "a: b c\n"},
      {"x: &x\n  a: 1\ny:\n  <<: *x\n", "x: &x\n  a: 1\ny:\n  !!merge <<: *x\n"},
      {"a: [ # c\n  1 ]\n", "a: [1]\n"},
      {"a: [x, # c\n  y]\n", "a: [x, # c\n  y]\n"},
      {"--- # c\na: 1\n", "# c\na: 1\n"},
      {"a: \"\\u00e9\\U0001F600\"\n", "a: \"é\\U0001F600\"\n"},
      {"a: 1\n...\n# after\n", "a: 1\n\n# after\n"},
      {"", "(no document)"},
      {"# only a comment\n", "(no document)"},
      {"---\n", "\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    CHECK(Reprint(row.yaml) == row.printed);
  }
}

TEST_CASE("a node knows where it is, what it means and what is said about it", "[yaml]") {
  const auto document =
      ParseYamlNode("# head\nkey: 'value' # line\n# foot\n\nlist: &l\n- 1\n- é: *l\n").value();
  REQUIRE(document->kind == Kind::kDocument);
  const YamlNode& map = *document->content[0];
  REQUIRE(map.content.size() == 4);
  const YamlNode& key = *map.content[0];
  CHECK(key.head_comment == "# head");
  CHECK(key.foot_comment == "# foot");
  CHECK(key.tag == "!!str");
  const YamlNode& value = *map.Find("key");
  CHECK(value.line == 2);
  CHECK(value.column == 6);
  CHECK(value.style == YamlNode::kSingleQuoted);
  CHECK(value.line_comment == "# line");
  const YamlNode& list = *map.Find("list");
  CHECK(list.anchor == "l");
  CHECK(list.content[0]->tag == "!!int");
  const YamlNode& alias = *list.content[1]->Find("é");
  CHECK(alias.kind == Kind::kAlias);
  CHECK(alias.alias == &list);
  CHECK(alias.column == 6);  // in characters
  CHECK(alias.ShortTag() == "!!seq");
  CHECK(map.Find("absent") == nullptr);
}

TEST_CASE("an edit leaves the rest of the file as it was", "[yaml]") {
  const auto document =
      ParseYamlNode(
          "# deploys the shop\nspec:\n- image: shop:1.0 # {\"$imagepolicy\": \"x\"}\n"
          "  args: [\"a\"] # keep\n")
          .value();
  document->content[0]->Find("spec")->content[0]->Find("image")->value = "shop:1.1";
  CHECK(FormatYamlNode(*document) ==
        "# deploys the shop\nspec:\n- image: shop:1.1 # {\"$imagepolicy\": \"x\"}\n"
        "  args: [\"a\"] # keep\n");
}

TEST_CASE("all documents of a stream", "[yaml]") {
  const auto documents = ParseYamlNodes("a: 1\n---\n# c\nb: 2\n...\n---\n").value();
  REQUIRE(documents.size() == 3);
  YamlNodeWriter writer;
  for (const auto& document : documents) writer.Write(*document);
  CHECK(writer.Finish() == "a: 1\n---\n# c\nb: 2\n---\n\n");
  CHECK_THAT(ParseYamlNodes("a: 1\n---\nb: [\n").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "line 3: did not find expected node"));
}

TEST_CASE("lists are indented as asked", "[yaml]") {
  const auto document = ParseYamlNode("a:\n- b:\n  - c\n").value();
  CHECK(FormatYamlNode(*document) == "a:\n- b:\n  - c\n");
  CHECK(FormatYamlNode(*document, {.compact_sequences = false}) == "a:\n  - b:\n      - c\n");
  CHECK(FormatYamlNode(*document, {.indent = 4, .compact_sequences = false}) ==
        "a:\n    - b:\n        - c\n");
}

TEST_CASE("go-yaml v3's errors name the line of the context", "[yaml]") {
  struct Row {
    const char* yaml;
    const char* message;
  };
  const Row rows[] = {
      {"a: 1\nb\n", "yaml: line 2: could not find expected ':'"},
      {"y: 1\nx:\n    a: 1\n  b: 2\n", "yaml: line 3: did not find expected key"},
      {"a: *x", "yaml: unknown anchor 'x' referenced"},
      {"a: &x 1\n--- # next\n", "a: &x 1\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    CHECK(Reprint(row.yaml) == row.message);
  }
}

TEST_CASE("go-yaml v3 decodes into more than JSON holds", "[yaml]") {
  const auto decode = [](absl::string_view yaml) {
    return DecodeYamlNode(*ParseYamlNode(yaml).value(), DecodeTarget::kAny);
  };
  const DecodedYaml date = decode("2024-01-02").value();
  CHECK(date.kind == DecodedYaml::Kind::kTime);
  CHECK(date.scalar.str() == "2024-01-02T00:00:00Z");
  const DecodedYaml map = decode("1: a\nb: c").value();
  CHECK_FALSE(map.string_keys);
  CHECK_THAT(DecodedYamlToValue(map).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "map[interface {}]interface {}"));
  // A merge key gives way to the mapping's own keys, wherever it stands.
  const auto merged = DecodedYamlToValue(decode("a: 1\n<<: [{a: 2, b: 2}, {b: 3, c: 3}]").value());
  CHECK(FormatJson(*merged) == R"({"a":1,"b":2,"c":3})");
  struct Row {
    const char* yaml;
    const char* message;
  };
  const Row rows[] = {
      {"a: 1\nb: 2\na: 3\na: 4",
       "line 3: mapping key \"a\" already defined at line 1\n  line 4: mapping key \"a\" already "
       "defined at line 1\n  line 4: mapping key \"a\" already defined at line 3"},
      {"? [a]\n: b", "invalid map key: []interface {}{\"a\"}"},
      {"a: &a [*a]", "anchor 'a' value contains itself"},
      {"<<: 1", "map merge requires map or sequence of maps as the value"},
      {"!!binary x", "!!binary value contains invalid base64 data"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    CHECK_THAT(decode(row.yaml).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
}

}  // namespace
}  // namespace sluice::value
