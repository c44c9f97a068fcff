// SPDX-License-Identifier: Apache-2.0
#include "common/value/yaml.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::value {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

std::string Json(absl::string_view yaml, const YamlOptions& options = {}) {
  const auto value = ParseYaml(yaml, options);
  return value.ok() ? FormatJson(*value) : std::string(value.status().message());
}

TEST_CASE("YAML becomes the JSON that sigs.k8s.io/yaml makes of it", "[yaml]") {
  struct Row {
    const char* yaml;
    const char* json;
  };
  const Row rows[] = {
      {"", "null"},
      {"# only a comment", "null"},
      {"a: 1\nb: [x, 'y', \"z\"]\n", R"({"a":1,"b":["x","y","z"]})"},
      {"a: 0644\nb: yes\nc: 1.0\nd: 1e3", R"({"a":420,"b":true,"c":1,"d":1000})"},
      {"a: 2024-01-02", R"({"a":"2024-01-02"})"},  // v2 keeps the text of dates
      {"a: !!binary aGk=", R"({"a":"hi"})"},
      {"a: !!binary /w==", "{\"a\":\"\uFFFD\"}"},
      {"a: !!str 1\nb: !x 2", R"({"a":"1","b":"2"})"},
      {"1: a\ntrue: b\n1.5: c\n? 0x10\n: d", R"({"1":"a","1.5":"c","16":"d","true":"b"})"},
      {"a: 1\na: 2", R"({"a":2})"},
      {"a: |\n  x\n   y\n\nb: >-\n  x\n  y\n\n  z\n", R"({"a":"x\n y\n","b":"x y\nz"})"},
      {"a: \"x\\\n  y\\u00e9\\x41\\n\"", R"({"a":"xyéA\n"})"},
      {"a: 'x\n\n  y''z'", R"({"a":"x\ny'z"})"},
      {"- - a\n  - b\n-\n  c: d", R"([["a","b"],{"c":"d"}])"},
      {"a:\n- b\n- c", R"({"a":["b","c"]})"},
      {"{a: 1, b, c: }", R"({"a":1,"b":null,"c":null})"},
      {"[a: 1, ? b : 2]", R"([{"a":1},{"b":2}])"},
      {"a: &x 1\nb: *x", R"({"a":1,"b":1})"},
      {"&a x: &a w\nb: *a", R"({"b":"w","x":"w"})"},  // the later anchor
      // A merge key takes effect where it stands.
      {"a: 1\n<<: {a: 2, b: 3}\nb: 4", R"({"a":2,"b":4})"},
      {"u: &u {a: 1}\nv: &v {a: 2, b: 2}\nw: {<<: [*u, *v]}",
       R"({"u":{"a":1},"v":{"a":2,"b":2},"w":{"a":1,"b":2}})"},
      {"\"<<\": {a: 1}", R"({"\u003c\u003c":{"a":1}})"},
      {"--- # c\na: 1\n---\nb: 2", R"({"a":1})"},  // the first document only
      {"%TAG !y! tag:yaml.org,2002:\n---\n!y!str 1", R"("1")"},
      {"k: .inf\nk: 1", R"({"k":1})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    CHECK(Json(row.yaml) == row.json);
  }
}

TEST_CASE("what cannot be read is refused in go-yaml's words", "[yaml]") {
  struct Row {
    const char* yaml;
    const char* message;
  };
  const Row rows[] = {
      {"a: b: c", "yaml: mapping values are not allowed in this context"},
      {"a: 1\nb\n", "yaml: line 3: could not find expected ':'"},
      {"a: |\n  x\n y\n", "yaml: line 2: did not find expected key"},
      {"a:\n\t- b", "yaml: line 2: found character that cannot start any token"},
      {"a: [1,\nb: 2", "yaml: line 2: did not find expected ',' or ']'"},
      {"a: 'x\nb: 1\n", "yaml: line 3: found unexpected end of stream"},
      {"a: \"\\/\"", "yaml: found unknown escape character"},
      {"a: \"\\ud800\"", "yaml: found invalid Unicode character escape code"},
      {"a: *b", "yaml: unknown anchor 'b' referenced"},
      {"a: &a [*a]", "yaml: anchor 'a' value contains itself"},
      {"a: !!int x", "yaml: cannot decode !!str `x` as a !!int"},
      {"<<: x", "yaml: map merge requires map or sequence of maps as the value"},
      {"? {a: b}\n: c", "yaml: invalid map key: map[interface {}]interface {}{\"a\":\"b\"}"},
      {"null: x", "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"x\""},
      {"a: .nan", "json: unsupported value: NaN"},
      {"a: \x01", "yaml: control characters are not allowed"},
      {"a: \xff", "yaml: invalid leading UTF-8 octet"},
      {"%YAML 1.2\n---\na", "yaml: found incompatible YAML document"},
      {"a: !e!x y", "yaml: found undefined tag handle"},
      {"a: @x", "yaml: found character that cannot start any token"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    CHECK_THAT(ParseYaml(row.yaml).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
}

TEST_CASE("a fault that is read first hides the others", "[yaml]") {
  // Syntax before decoding before JSON.
  CHECK(Json("a: .nan\nb: !!int x\nc: [") == "yaml: line 3: did not find expected node content");
  CHECK(Json("a: .nan\nb: !!int x") == "yaml: cannot decode !!str `x` as a !!int");
}

TEST_CASE("strict documents refuse repeated keys, by what they mean", "[yaml]") {
  const YamlOptions strict{.strict = true};
  CHECK(Json("a: 1\nb:\n  a: 2", strict) == R"({"a":1,"b":{"a":2}})");
  CHECK(Json("1: a\n1.0: b\n.nan: c\n.nan: d", strict) == R"({".nan":"d","1":"b"})");
  CHECK(Json("a: 1\nb: 2\na: 3\nb: 4", strict) ==
        "yaml: unmarshal errors:\n  line 3: key \"a\" already set in map\n"
        "  line 4: key \"b\" already set in map");
  CHECK(Json("1: a\n0x1: b", strict) ==
        "yaml: unmarshal errors:\n  line 2: key 1 already set in map");
  // The line is that of the value, where it was written.
  CHECK(Json("x: &x\n  a: 1\ny:\n  <<: *x\n  a: 2", strict) ==
        "yaml: unmarshal errors:\n  line 5: key \"a\" already set in map");
}

TEST_CASE("a stream gives its documents with their lines", "[yaml]") {
  const auto documents =
      ParseYamlStream("# c\na: 1\n---\n---\n# nothing\n...\n---\n\n- b\n").value();
  REQUIRE(documents.size() == 2);
  CHECK(documents[0].line == 2);
  CHECK(FormatJson(documents[0].value) == R"({"a":1})");
  CHECK(documents[1].line == 9);
  CHECK(FormatJson(documents[1].value) == R"(["b"])");
  CHECK_THAT(ParseYamlStream("a: 1\n---\nb: [\n").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "line 3"));
  // An anchor holds for its document.
  CHECK_THAT(ParseYamlStream("a: &x 1\n---\nb: *x").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "unknown anchor 'x'"));
}

TEST_CASE("UTF-16 and byte order marks are read", "[yaml]") {
  CHECK(Json("\xEF\xBB\xBF"
             "a: 1") == R"({"a":1})");
  CHECK(Json(absl::string_view("\xFF\xFE"
                               "a\0:\0 \0\xE9\0",
                               10)) == R"({"a":"é"})");
  CHECK(Json(absl::string_view("\xFE\xFF\0a\0:\0 \xD8\x3D\xDE\x00", 12)) == R"({"a":"😀"})");
  CHECK(Json(absl::string_view("\xFF\xFE\x00\xDC", 4)) == "yaml: unexpected low surrogate area");
  CHECK(Json(absl::string_view("\xFF\xFE"
                               "a",
                               3)) == "yaml: incomplete UTF-16 character");
}

TEST_CASE("nesting of YAML is bounded, also through aliases", "[yaml]") {
  const auto flow = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  const auto block = [](size_t depth) {
    std::string text;
    for (size_t i = 0; i < depth; ++i) text += "- ";
    return text;
  };
  CHECK(ParseYaml(flow(kMaxDepth)).ok());
  CHECK(ParseYaml(block(kMaxDepth)).ok());
  for (const std::string& text : {flow(kMaxDepth + 1), block(kMaxDepth + 1)}) {
    CHECK_THAT(ParseYaml(text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "exceeded max depth of 500"));
    CHECK_THAT(ParseKyaml(text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "exceeded max depth of 500"));
  }
  // Aliases must not get around it.
  const std::string half = flow(kMaxDepth / 2);
  const auto aliased = [&](size_t depth) {
    return absl::StrCat("a: &a ", half, "\nb: ", std::string(depth, '['), "*a",
                        std::string(depth, ']'));
  };
  CHECK(ParseYaml(aliased(kMaxDepth / 2 - 1)).ok());
  CHECK_THAT(ParseYaml(aliased(kMaxDepth / 2)).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "line 2: exceeded max depth of 500"));
}

TEST_CASE("what aliases expand to is bounded as in go-yaml", "[yaml]") {
  const auto document = [](size_t aliases) {
    const std::vector<std::string> list(100, "x");
    const std::vector<std::string> uses(aliases, "*a");
    return absl::StrCat("a: &a [", absl::StrJoin(list, ","), "]\nb: [", absl::StrJoin(uses, ","),
                        "]");
  };
  CHECK_THAT(ParseYaml(document(3923)).status(), IsOk());
  CHECK_THAT(ParseYaml(document(3924)).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "document contains excessive aliasing"));

  std::string laughs = "a0: &a0 [x]\n";
  for (int i = 1; i < 30; ++i) {
    absl::StrAppend(&laughs, "a", i, ": &a", i, " [*a", i - 1, ",*a", i - 1, ",*a", i - 1, "]\n");
  }
  CHECK_THAT(ParseYaml(laughs).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "excessive aliasing"));
  CHECK_THAT(ParseKyaml(laughs).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "excessive aliasing"));
}

TEST_CASE("a key has to be followed by its colon within 1,024 characters", "[yaml]") {
  const std::string ascii(1024, 'k');
  CHECK(ParseYaml(absl::StrCat(ascii, ": 1")).ok());
  CHECK_FALSE(ParseYaml(absl::StrCat(ascii, "k: 1")).ok());
  std::string wide;
  for (int i = 0; i < 1024; ++i) wide += "é";
  CHECK(ParseYaml(absl::StrCat(wide, ": 1")).ok());
}

}  // namespace
}  // namespace sluice::value
