// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "common/sprig/testing.h"

// Expected texts are those of Helm 3.22, or 4.2 where that is said.
namespace sluice::sprig {
namespace {

TEST_CASE("values become JSON", "[sprig]") {
  const Row rows[] = {
      {"{{ toJson (dict `b` (list 1 2.5 nil) `a` `<x>`) }}",
       "{\"a\":\"\\u003cx\\u003e\",\"b\":[1,2.5,null]}"},
      {"{{ toRawJson (list `<&>` `\xE2\x80\xA8`) }}", "[\"<&>\",\"\\u2028\"]"},
      {"{{ toPrettyJson (dict `a` (list) `b` (list 1)) }}",
       "{\n  \"a\": [],\n  \"b\": [\n    1\n  ]\n}"},
      {"{{ toJson 1e21 }} {{ toJson 1e-7 }} {{ toJson (fromYaml `a: -0.0`) }}",
       "1e+21 1e-7 {\"a\":-0}"},
      {"[{{ toJson (float64 `nan`) }}][{{ toPrettyJson (float64 `inf`) }}]", "[][]"},
      {"{{ mustToJson (float64 `nan`) }}", "mustToJson: json: unsupported value: NaN"},
      {"{{ toRawJson (float64 `inf`) }}", "toRawJson: json: unsupported value: +Inf"},
      {"{{ toJson (genCA `x` 1 | typeOf) }} {{ toJson (semver `1.2`) }}",
       "\"sprig.certificate\" \"1.2.0\""},
  };
  CheckRows(rows);
}

TEST_CASE("JSON becomes values, and its faults texts", "[sprig]") {
  const Row rows[] = {
      {"{{ fromJson `{\"a\": [1, true]}` }} {{ fromJsonArray `[1, \"x\"]` }}",
       "map[a:[1 true]] [1 x]"},
      {"{{ (fromJson `{\"a\": 1}`).a | typeOf }}", "float64"},
      {"{{ fromJson `null` | toJson }} {{ fromJsonArray `null` | toJson }}", "null null"},
      {"{{ fromJson `[1]` }}",
       "map[Error:json: cannot unmarshal array into Go value of type map[string]interface {}]"},
      {"{{ fromJsonArray `{}` }}",
       "[json: cannot unmarshal object into Go value of type []interface {}]"},
      {"{{ fromJson `{\"a\" 1}` }}", "map[Error:invalid character '1' after object key]"},
      {"{{ fromJson `{\"a\":1,}` }}",
       "map[Error:invalid character '}' looking for beginning of object key string]"},
      {"{{ fromJson `nul` }}",
       "map[Error:invalid character ' ' in literal null (expecting 'l')]"},
      {"{{ fromJson `{` }}|{{ fromJson `\"a` }}",
       "map[Error:unexpected end of JSON input]|map[Error:unexpected end of JSON input]"},
      {"{{ fromJson `\xC3\xA9` }}",
       "map[Error:invalid character '\xC3\x83' looking for beginning of value]"},
      // What could be read stays beside the error.
      {"{{ fromJson `{\"a\":1e400,\"b\":2}` }}",
       "map[Error:json: cannot unmarshal number 1e400 into Go value of type float64 a:<nil> b:2]"},
      {"{{ mustFromJson `1.` }}",
       "mustFromJson: invalid character ' ' after decimal point in numeric literal"},
      {"{{ mustFromJson `\"x\"` }}{{ mustFromJson `null` }}", "x<no value>"},
  };
  CheckRows(rows);
}

TEST_CASE("values become YAML and come back", "[sprig]") {
  const Row rows[] = {
      {"{{ toYaml (dict `a2` 1000000 `a10` (list `y` (dict `k` 1.5))) }}",
       "a2: 1000000\na10:\n- \"y\"\n- k: 1.5"},
      {"{{ toYaml nil }}|{{ toYaml `` }}|{{ toYaml (list) }}|{{ toYaml (dict) }}",
       "null|\"\"|[]|{}"},
      {"{{ toYamlPretty (dict `a` (list 1 (list 2)) `t` now `f` 1000000.0) }}",
       "a:\n  - 1\n  - - 2\nf: 1e+06\nt: 2024-03-09T17:05:09.5Z"},
      {"[{{ toYaml (printf `x%c` 127) }}][{{ toYaml (float64 `nan`) }}]"
       "[{{ toYamlPretty (float64 `nan`) }}]",
       "[][][.nan]"},
      {"{{ fromYaml `a: 010` }} {{ fromYamlArray `[y, ~]` }} {{ fromYaml `` | toJson }}"
       " {{ fromYamlArray `null` | toJson }}",
       "map[a:8] [true <nil>] {} []"},
      {"{{ (fromYaml `- 1`).Error }}",
       "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value "
       "of type map[string]interface {}"},
      {"{{ index (fromYamlArray `a: b: c`) 0 }}",
       "error converting YAML to JSON: yaml: mapping values are not allowed in this context"},
      {"{{ mustToYaml (float64 `inf`) }}",
       "mustToYaml: error marshaling into JSON: json: unsupported value: +Inf"},
  };
  CheckRows(rows);
}

TEST_CASE("Helm 3 has fewer functions than Helm 4", "[sprig]") {
  for (const char* name : {"mustToYaml", "mustToToml"}) {
    const std::string text = absl::StrCat("{{ ", name, " (dict `a` 1) }}");
    CHECK_THAT(Rendered(text, {}, Dialect::kHelm3), Catch::Contains("not defined"));
    CHECK_THAT(Rendered(text), Catch::Contains("a"));
  }
  for (const char* name : {"env", "expandenv"}) {
    CHECK_THAT(Rendered(absl::StrCat("{{ ", name, " `HOME` }}")), Catch::Contains("not defined"));
  }
}

TEST_CASE("values become TOML", "[sprig]") {
  const Row rows[] = {
      {"{{ toToml (dict `t` (dict `k` `v` `u` (dict)) `b` true `a` (list 1 2.0 `x`)) }}",
       "a = [1, 2.0, \"x\"]\nb = true\n\n[t]\n  k = \"v\"\n  [t.u]\n"},
      {"{{ toToml (dict `a` (list (dict `b` 1) (dict `b` (list (dict `c` 2))))) }}",
       "[[a]]\n  b = 1\n\n[[a]]\n\n  [[a.b]]\n    c = 2\n"},
      {"{{ toToml (dict `x y` 1 `a.b` (dict) `` `q\"\\t`) }}",
       "\"\" = \"q\\\"\\\\t\"\n\"x y\" = 1\n\n[\"a.b\"]\n"},
      {"{{ toToml (dict `a` (list (dict `b` 1 `c` nil) 2) `n` nil `f` 1e21 "
       "`i` (float64 `-inf`)) }}",
       "a = [{b = 1, }, 2]\nf = 1e+21\ni = -inf\n"},
      {"{{ toToml (dict `t` now) }}{{ toToml `x` }}", "t = 2024-03-09T17:05:09.5Z\n\"x\""},
      {"{{ toToml (list (dict)) }}", "toml: top-level values must be Go maps or structs"},
      {"{{ toToml (dict `a` (list 1 nil)) }}", "toml: cannot encode array with nil element"},
      {"{{ mustToToml (dict `a` (list nil)) }}",
       "mustToToml: toml: cannot encode array with nil element"},
      {"{{ toToml nil }}", "toToml: reflect: call of reflect.Value.Type on zero Value"},
  };
  CheckRows(rows);
}

TEST_CASE("TOML becomes values", "[sprig]") {
  const Row rows[] = {
      {"{{ fromToml `a.b = 1\n[t]\nk = [1, 2.5, 'l\\n']\n[[u]]\n[[u]]\nx = {y = true}` | toJson }}",
       "{\"a\":{\"b\":1},\"t\":{\"k\":[1,2.5,\"l\\\\n\"]},\"u\":[{},{\"x\":{\"y\":true}}]}"},
      {"{{ (fromToml `a = 0x1F`).a | typeOf }} {{ (fromToml `a = 1_000`).a }} "
       "{{ (fromToml `a = inf`).a }}",
       "int64 1000 +Inf"},
      {"{{ fromToml `a = \"\"\"\nx \\\n   y\"\"\"\nb = \"\\u00e9\"` | toJson }}",
       "{\"a\":\"x y\",\"b\":\"\xC3\xA9\"}"},
      {"{{ fromToml `d = 1979-05-27\nt = 07:32:00\nz = 1979-05-27T07:32:00+02:00` | toToml }}",
       "d = 1979-05-27\nt = 07:32:00\nz = 1979-05-27T07:32:00+02:00\n"},
      {"{{ fromToml `# c` | toJson }}", "{}"},
  };
  CheckRows(rows);
  const Row faults[] = {
      {"a = 1\na = 2", "toml: line 2 (last key \"a\"): Key 'a' has already been defined."},
      {"=1", "toml: line 1: unexpected '=': key name appears blank"},
      {"a = ", "toml: line 1 (last key \"a\"): unexpected EOF; expected value"},
      {"a = 'x", "toml: line 1 (last key \"a\"): unexpected EOF; expected \"'\""},
      {"a = \"x\ny\"", "toml: line 1 (last key \"a\"): strings cannot contain newlines"},
      {"a = \"\\q\"", "toml: line 1 (last key \"a\"): invalid escape in string '\\q'"},
      {"a = 01",
       "toml: line 1 (last key \"a\"): Invalid integer \"01\": cannot have leading zeroes"},
      {"a = 9223372036854775808",
       "toml: line 1 (last key \"a\"): 9223372036854775808 is out of range for int64"},
      {"a = 1979-13-01", "toml: line 1 (last key \"a\"): invalid datetime: \"1979-13-01\""},
      {"[a]\n[a]", "toml: line 2: Key 'a' has already been defined."},
      {"[a", "toml: line 1: expected '.' or ']' to end table name, but got '\\x00' instead"},
      {"a = 1 b", "toml: line 1: expected a top-level item to end with a newline, comment, or EOF, "
                  "but got 'b' instead"},
      {"a = [1 2]", "toml: line 1 (last key \"a\"): expected a comma (',') or array terminator "
                    "(']'), but got '2'"},
      {"a = {x", "toml: line 1 (last key \"a\"): unexpected EOF; expected key separator '='"},
      {"a = yes", "toml: line 1 (last key \"a\"): expected value but found \"yes\" instead"},
      {"a\x01", "toml: line 1: TOML files cannot contain control characters: '0x01'"},
  };
  for (const Row& row : faults) {
    CAPTURE(row.text);
    CHECK(Rendered(absl::StrCat("{{ (fromToml `", row.text, "`).Error }}")) == row.expected);
  }
}

}  // namespace
}  // namespace sluice::sprig
