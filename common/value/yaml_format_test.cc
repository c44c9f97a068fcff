// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"
#include "common/value/yaml.h"
#include "common/value/yaml_node.h"

namespace sluice::value {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("strings are quoted where YAML would take them for something else", "[yaml]") {
  struct Row {
    const char* text;
    const char* v2;  // FormatYaml
    const char* v3;  // toYamlPretty
  };
  const Row rows[] = {
      {"plain text", "plain text", "plain text"},
      {"", "\"\"", "\"\""},
      {"null", "\"null\"", "\"null\""},
      {"yes", "\"yes\"", "\"yes\""},
      {"0644", "\"0644\"", "\"0644\""},
      {"1e3", "\"1e3\"", "\"1e3\""},
      {"1:30", "\"1:30\"", "\"1:30\""},
      {"0o-7", "0o-7", "\"0o-7\""},
      {"2024-01-02", "\"2024-01-02\"", "\"2024-01-02\""},
      {"<<", "<<", "<<"},
      {"a: b", "'a: b'", "'a: b'"},
      {"a:b", "a:b", "a:b"},
      {"a #b", "'a #b'", "'a #b'"},
      {"a#b", "a#b", "a#b"},
      {"- a", "'- a'", "'- a'"},
      {"-a", "-a", "-a"},
      {"---a", "'---a'", "'---a'"},
      {"{a}", "'{a}'", "'{a}'"},
      {"a{b}", "a{b}", "a{b}"},
      {"it's", "it's", "it's"},
      {"'it's", "'''it''s'", "'''it''s'"},
      {" lead", "' lead'", "' lead'"},
      {"a\tb", "\"a\\tb\"", "\"a\\tb\""},
      {"tab\tand\nline", "\"tab\\tand\\nline\"", "|-\n  tab\tand\n  line"},
      {"a\\b", "a\\b", "a\\b"},
      {"café", "café", "café"},
      {"\u00a0", "\u00a0", "\u00a0"},
      {"😀", "\"\\U0001F600\"", "\"\\U0001F600\""},  // beyond the basic plane: escaped
      {"one\ntwo", "|-\n  one\n  two", "|-\n  one\n  two"},
      {"one\ntwo\n", "|\n  one\n  two", "|\n  one\n  two"},
      {"one\n\n", "|+\n  one\n", "|+\n  one\n"},
      {"  one\ntwo", "|2-\n    one\n  two", "|2-\n    one\n  two"},
      {"blank \nline", "\"blank \\nline\"", "\"blank \\nline\""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Value object = {{"k", row.text}};
    CHECK(FormatYaml(object) == absl::StrCat("k: ", row.v2, "\n"));
    CHECK(FormatYamlNode(*YamlNodeFromValue(object)) == absl::StrCat("k: ", row.v3, "\n"));
    CHECK(ParseYaml(FormatYaml(object)).value() == object);
  }
}

TEST_CASE("long texts are folded at 80 columns by v2 only", "[yaml]") {
  const std::string word = "0123456789";
  std::string text = "w";
  for (int i = 0; i < 9; ++i) absl::StrAppend(&text, " ", word);
  const Value object = {{"k", {{"m", text}}}};
  CHECK(FormatYaml(object) ==
        "k:\n  m: w 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\n"
        "    0123456789 0123456789\n");
  CHECK(FormatYamlNode(*YamlNodeFromValue(object)) == absl::StrCat("k:\n  m: ", text, "\n"));
  // Quoted, too; a blank before the fold stays with its backslash.
  const Value quoted = {{"k", absl::StrCat("\t", text, "  x")}};
  CHECK(ParseYaml(FormatYaml(quoted)).value() == quoted);
  const Value colon = {{"k", absl::StrCat(text, ": x")}};
  CHECK(FormatYaml(colon) ==
        "k: 'w 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\n"
        "  0123456789 0123456789: x'\n");
}

TEST_CASE("collections", "[yaml]") {
  struct Row {
    const char* json;
    const char* v2;
    const char* v3;
  };
  const Row rows[] = {
      {"{}", "{}\n", "{}\n"},
      {"[]", "[]\n", "[]\n"},
      {"null", "null\n", "null\n"},
      {R"({"a":{},"b":[],"c":null})", "a: {}\nb: []\nc: null\n", "a: {}\nb: []\nc: null\n"},
      {R"({"a":["x",{"b":1,"c":2},["y","z"]]})", "a:\n- x\n- b: 1\n  c: 2\n- - \"y\"\n  - z\n",
       "a:\n  - x\n  - b: 1\n    c: 2\n  - - \"y\"\n    - z\n"},
      {R"([[[1]],{"a":{"b":[2]}}])", "- - - 1\n- a:\n    b:\n    - 2\n",
       "- - - 1\n- a:\n    b:\n      - 2\n"},
      {R"({"a\nb":[1]})", "? |-\n  a\n  b\n: - 1\n", "? |-\n  a\n  b\n: - 1\n"},
      {R"({"":1,"no":2,"1":3})", "\"\": 1\n\"1\": 3\n\"no\": 2\n",
       "\"\": 1\n\"1\": 3\n\"no\": 2\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    const Value value = ParseJson(row.json).value();
    CHECK(FormatYaml(value) == row.v2);
    CHECK(FormatYamlNode(*YamlNodeFromValue(value), {.indent = 2, .compact_sequences = false}) ==
          row.v3);
  }
}

TEST_CASE("keys of more than 128 bytes are introduced by a question mark", "[yaml]") {
  const std::string key(128, 'k');
  CHECK(FormatYaml({{key, 1}}) == absl::StrCat(key, ": 1\n"));
  CHECK(FormatYaml({{key + "k", 1}}) == absl::StrCat("? ", key, "k\n: 1\n"));
  CHECK(FormatYaml({{key + "k", {{"a", Value::Array{1}}}}}) ==
        absl::StrCat("? ", key, "k\n: a:\n  - 1\n"));
}

TEST_CASE("keys come in natural order", "[yaml]") {
  struct Row {
    const char* json;
    const char* v2;
    const char* v3;
  };
  const Row rows[] = {
      {R"({"a10":0,"a2":0,"a1":0})", "a1 a2 a10", "a1 a2 a10"},
      {R"({"b":0,"B":0,"a-b":0,"ab":0,"a_b":0})", "B a-b a_b ab b", "B a-b a_b ab b"},
      {R"({"a1b":0,"a1-":0,"a1":0})", "a1 a1- a1b", "a1 a1b a1-"},
      {R"({"a01":0,"a1":0,"a001":0})", "a1 a01 a001", "a1 a01 a001"},
      {R"({"é":0,"z":0,"-":0})", "'-' z é", "'-' z é"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    const auto keys = [](absl::string_view yaml) {
      std::vector<absl::string_view> names;
      for (absl::string_view line : absl::StrSplit(yaml, '\n', absl::SkipEmpty())) {
        names.push_back(line.substr(0, line.rfind(": ")));
      }
      return absl::StrJoin(names, " ");
    };
    const Value value = ParseJson(row.json).value();
    CHECK(keys(FormatYaml(value)) == row.v2);
    CHECK(keys(FormatYamlNode(*YamlNodeFromValue(value))) == row.v3);
  }
}

TEST_CASE("numbers are printed by way of JSON", "[yaml]") {
  struct Row {
    Value number;
    const char* text;
  };
  const Row rows[] = {
      {1e6, "1000000\n"},    {1e20, "1e+20\n"},
      {1e21, "1e+21\n"},     {1.2345678901234567e18, "1234567890123456800\n"},
      {0.000001, "1e-06\n"}, {123456789.5, "1.234567895e+08\n"},
      {-0.0, "0\n"},         {std::numeric_limits<uint64_t>::max(), "18446744073709551615\n"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(FormatYaml(row.number) == row.text);
    CHECK(MarshalYaml(row.number).value() == row.text);
  }
}

TEST_CASE("what JSON does to a text on its way shows", "[yaml]") {
  // A NEL in JSON reads as a line break; LS is escaped there and survives.
  CHECK(MarshalYaml({{"k", "a\u0085b"}}).value() == "k: a b\n");
  CHECK(MarshalYaml({{"k", "a\u2028b"}}).value() == "k: 'a\u2028  b'\n");
  CHECK(MarshalYaml({{"k", "\xff"}}).value() == "k: \uFFFD\n");
  struct Row {
    Value value;
    const char* message;
  };
  const Row refused[] = {
      {{{"k", "\x7f"}}, "control characters are not allowed"},
      {{{std::string(1025, 'k'), 1}}, "did not find expected ',' or '}'"},
  };
  for (const Row& row : refused) {
    CAPTURE(row.message);
    CHECK_THAT(MarshalYaml(row.value).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
  // Where nothing may fail, nothing is lost.
  CHECK(FormatYaml({{"k", "\x7f"}}) == "k: \"\\x7F\"\n");
}

TEST_CASE("JSON text is printed as YAML reads it", "[yaml]") {
  CHECK(JsonToYaml(R"({"a":1e6,"b":[1.0,-0.0]})").value() == "a: 1e+06\nb:\n- 1\n- -0\n");
  CHECK_THAT(JsonToYaml(R"({"a":"\/"})").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "found unknown escape character"));
}

}  // namespace
}  // namespace sluice::value
