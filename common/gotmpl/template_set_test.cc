// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/template_set.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/gotmpl/error.h"
#include "common/gotmpl/template_testing.h"
#include "common/testing/status_matchers.h"

namespace sluice::gotmpl {
namespace {

using ::sluice::testing::StatusIs;

struct Row {
  const char* text;
  const char* expected;
};

void CheckRows(std::span<const Row> rows) {
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(Run(row.text) == row.expected);
  }
}

TEST_CASE("pipelines, variables and literals", "[gotmpl]") {
  const Row rows[] = {
      {"{{ 1 }} {{ 1.5 }} {{ 1e3 }} {{ 0x1F }} {{ 017 }} {{ 'a' }} {{ 1_000 }} {{ -0 }} {{ 2i }}",
       "1 1.5 1000 31 15 97 1000 0 (0+2i)"},
      {"{{ \"a\\tb\" }}{{ `c\\n` }}{{ true }}", "a\tbc\\ntrue"},
      {"{{ .s | upper | printf \"%s-%s\" \"x\" }}", "x-TEXT"},
      {"{{ (list 1 2 3) | len | twice }}", "6"},
      {"{{ twice 3.0 }}", "6"},
      {"{{ $x := 1 }}{{ $x }}{{ $x = 2 }}{{ $x }}", "12"},
      {"{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ $x }}{{ end }}{{ $x }}", "21"},
      {"{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"},
      {"{{ with .m }}{{ .a }}{{ $.s }}{{ end }}", "1text"},
      {"{{ (index .l 0) }}{{ index .m \"b\" }}{{ index .m \"zz\" }}{{ index .s 0 }}",
       "a2<no value>116"},
      {"{{ and 1 0 .x }}{{ or 0 \"\" 2 boom }}{{ not .none }}", "02true"},
      {"{{ call .f 4 }}", "8"},
      {"{{ size .named }}", "1map[string]interface {}"},
      {"a{{/* nothing */}}b {{- /* x */ -}} c", "abc"},
      {"{{ .missing }}{{ .none }}{{ print .none }}", "<no value><no value><nil>"},
      {"{{ .labels.k }}{{ .labels.zz }}|", "v|"},
      {"{{ html \"<a>\" }}{{ js \"it's\" }}{{ urlquery \"a b&\" }}", "&lt;a&gt;it\\'sa+b%26"},
      {"{{ html nil }}{{ println 1 2 }}", "&lt;no value&gt;1 2\n"},
  };
  CheckRows(rows);
}

TEST_CASE("control structures", "[gotmpl]") {
  const Row rows[] = {
      {"{{ if .none }}1{{ else if .s }}2{{ else }}3{{ end }}", "2"},
      {"{{ with .none }}1{{ else with .s }}{{ . }}{{ else }}3{{ end }}", "text"},
      {"{{ range .l }}[{{ . }}]{{ end }}", "[a][b][<no value>]"},
      {"{{ range $i, $e := .strings }}{{ $i }}{{ $e }}{{ end }}", "0x1y"},
      {"{{ range $k, $v := .m }}{{ $k }}={{ $v }};{{ end }}", "a=1;b=2;"},
      {"{{ range 3 }}{{ . }}{{ end }}{{ range $i := .i }}{{ $i }}{{ end }}", "012012"},
      {"{{ range 0 }}x{{ else }}none{{ end }}{{ range .none }}{{ else }}nil{{ end }}", "nonenil"},
      {"{{ range .strings }}{{ if eq . \"y\" }}{{ break }}{{ end }}{{ . }}{{ end }}!", "x!"},
      {"{{ range .l }}{{ if eq . \"a\" }}{{ continue }}{{ end }}[{{ . }}]{{ end }}",
       "[b][<no value>]"},
      {"{{ $x := 0 }}{{ range $x = .strings }}{{ end }}{{ $x }}", "y"},
      {"{{ range 2 }}{{ range 5 }}{{ break }}{{ end }}{{ . }}{{ end }}", "01"},
      {"{{ range $k, $v := .m }}{{ $_ := set $.m \"c\" 3 }}{{ $k }}{{ end }}{{ len .m }}", "ab3"},
      {"{{ define \"d\" }}<{{ . }}{{ $ }}>{{ end }}{{ template \"d\" 1 }}{{ template \"d\" }}",
       "<11><<no value><no value>>"},
      {"{{ block \"b\" .s }}({{ . }}){{ end }}", "(text)"},
      {"{{ define \"d\" }}{{ include \"e\" . }}{{ end }}{{ define \"e\" }}{{ . }}{{ end }}"
       "{{ include \"d\" 5 }}",
       "5"},
  };
  CheckRows(rows);
}

TEST_CASE("comparisons follow Go's kinds", "[gotmpl]") {
  const Row rows[] = {
      {"{{ eq 1 1 }}{{ eq 1 2 1 }}{{ ne 1 2 }}{{ lt 1 2 }}{{ le 2 2 }}{{ gt \"b\" \"a\" }}"
       "{{ ge 1.5 1.5 }}",
       "truetruetruetruetruetruetrue"},
      {"{{ eq .u 3 }}{{ lt .u 4 }}{{ lt -1 .u }}{{ eq 3 .u }}", "truetruetruetrue"},
      {"{{ eq .none nil }}{{ eq .none 1 }}{{ eq .s nil }}", "truefalsefalse"},
      {"{{ eq .n 3 }}",
       "template: t:1:3: executing \"t\" at <eq .n 3>: error calling eq: incompatible types for "
       "comparison: float64 and int"},
      {"{{ lt .none 1 }}",
       "template: t:1:3: executing \"t\" at <lt .none 1>: error calling lt: invalid type for "
       "comparison"},
      {"{{ eq .m .m }}",
       "template: t:1:3: executing \"t\" at <eq .m .m>: error calling eq: non-comparable type "
       "map[a:%!s(int=1) b:%!s(int=2)]: map[string]interface {}"},
      {"{{ eq .m .l }}",
       "template: t:1:3: executing \"t\" at <eq .m .l>: error calling eq: non-comparable types "
       "map[a:%!s(int=1) b:%!s(int=2)]: map[string]interface {}, []interface {}: [a b <nil>]"},
      {"{{ eq 1 }}",
       "template: t:1:3: executing \"t\" at <eq 1>: error calling eq: missing argument for "
       "comparison"},
  };
  CheckRows(rows);
}

TEST_CASE("objects have fields and methods", "[gotmpl]") {
  const Row rows[] = {
      {"{{ .version.Major }}{{ .version.Plus 2 }}{{ 3 | .version.Plus }}", "77+27+3"},
      {"{{ .version }}{{ printf \"%s\" .version }}{{ printf \"%T\" .version }}", "v7v7*t.Version"},
      {"{{ .nilversion }}{{ if .nilversion }}1{{ end }}", "<nil>"},
      {"{{ .version.Nope }}",
       "template: t:1:11: executing \"t\" at <.version.Nope>: can't evaluate field Nope in type "
       "interface {}"},
      {"{{ $v := .version }}{{ $v.Nope }}",
       "template: t:1:25: executing \"t\" at <$v.Nope>: can't evaluate field Nope in type "
       "*t.Version"},
      {"{{ .version.hidden }}",
       "template: t:1:11: executing \"t\" at <.version.hidden>: hidden is an unexported field of "
       "struct type interface {}"},
      {"{{ .version.Major 1 }}",
       "template: t:1:11: executing \"t\" at <.version.Major>: Major has arguments but cannot be "
       "invoked as function"},
      {"{{ .version.Plus }}",
       "template: t:1:11: executing \"t\" at <.version.Plus>: wrong number of args for Plus: want "
       "1 got 0"},
      {"{{ .nilversion.Major }}",
       "template: t:1:14: executing \"t\" at <.nilversion.Major>: nil pointer evaluating interface "
       "{}.Major"},
  };
  CheckRows(rows);
}

TEST_CASE("errors name the template, the place and the node", "[gotmpl]") {
  const Row rows[] = {
      {"a\n  {{ .s.x.y }}",
       "template: t:2:7: executing \"t\" at <.s.x.y>: can't evaluate field x in type interface "
       "{}"},
      {"{{ .missing.x }}",
       "template: t:1:11: executing \"t\" at <.missing.x>: nil pointer evaluating interface {}.x"},
      {"{{ (.missing).x }}", "<no value>"},
      {"{{ .s 1 }}",
       "template: t:1:3: executing \"t\" at <.s>: s is not a method but has arguments"},
      {"{{ 1 2 }}",
       "template: t:1:3: executing \"t\" at <1>: can't give argument to non-function 1"},
      {"{{ nil }}", "template: t:1:3: executing \"t\" at <nil>: nil is not a command"},
      {"{{ upper }}",
       "template: t:1:3: executing \"t\" at <upper>: wrong number of args for upper: want 1 got "
       "0"},
      {"{{ printf }}",
       "template: t:1:3: executing \"t\" at <printf>: wrong number of args for printf: want at "
       "least 1 got 0"},
      {"{{ upper 1 }}", "template: t:1:9: executing \"t\" at <1>: expected string; found 1"},
      {"{{ twice \"1\" }}",
       "template: t:1:9: executing \"t\" at <\"1\">: expected integer; found \"1\""},
      {"{{ twice 1.5 }}", "template: t:1:9: executing \"t\" at <1.5>: expected integer; found 1.5"},
      {"{{ twice .n }}",
       "template: t:1:9: executing \"t\" at <.n>: wrong type for value; expected int; got "
       "float64"},
      {"{{ upper .none }}",
       "template: t:1:9: executing \"t\" at <.none>: wrong type for value; expected string; got "
       "interface {}"},
      {"{{ .none | upper }}",
       "template: t:1:11: executing \"t\" at <upper>: invalid value; expected string"},
      {"{{ upper nil }}", "template: t:1:9: executing \"t\" at <nil>: cannot assign nil to string"},
      {"{{ upper nothing }}",
       "template: t:1:9: executing \"t\" at <nothing>: wrong type for value; expected string; got "
       "interface {}"},
      {"{{ size \"a\" }}",
       "template: t:1:8: executing \"t\" at <\"a\">: can't handle \"a\" for arg of type "
       "map[string]interface {}"},
      {"{{ len 3 }}",
       "template: t:1:3: executing \"t\" at <len 3>: error calling len: len of type int"},
      {"{{ len .none }}",
       "template: t:1:3: executing \"t\" at <len .none>: error calling len: len of nil pointer"},
      {"{{ index .l 3 }}",
       "template: t:1:3: executing \"t\" at <index .l 3>: error calling index: reflect: slice "
       "index out of range"},
      {"{{ index .l 4 }}",
       "template: t:1:3: executing \"t\" at <index .l 4>: error calling index: index out of "
       "range: 4"},
      {"{{ slice .s 3 2 }}",
       "template: t:1:3: executing \"t\" at <slice .s 3 2>: error calling slice: invalid slice "
       "index: 3 > 2"},
      {"{{ call .s }}",
       "template: t:1:3: executing \"t\" at <call .s>: error calling call: non-function .s of type "
       "string"},
      {"{{ call .f }}",
       "template: t:1:3: executing \"t\" at <call .f>: error calling call: wrong number of args "
       "for .f: got 0 want 1"},
      {"{{ .f }}",
       "template: t:1:3: executing \"t\" at <{{.f}}>: can't print {{.f}} of type "
       "func()"},
      {"{{ range .n }}{{ end }}",
       "template: t:1:9: executing \"t\" at <.n>: range can't iterate over 3"},
      {"{{ range $a, $b := 3 }}{{ end }}",
       "template: t:1:19: executing \"t\" at <3>: can't use 3 to iterate over more than one "
       "variable"},
      {"{{ $x = 1 }}", "template: t:1:8: executing \"t\" at <1>: undefined variable: $x"},
      {"{{ 99999999999999999999 }}", "template: t:1: integer overflow: \"99999999999999999999\""},
      {"{{ 9223372036854775808 }}",
       "template: t:1:3: executing \"t\" at <9223372036854775808>: 9223372036854775808 overflows "
       "int"},
      {"{{ define \"d\" }}\n{{ .x.y.z }}{{ end }}{{ template \"d\" . }}",
       "template: t:2:5: executing \"d\" at <.x.y.z>: nil pointer evaluating interface {}.y"},
      {"{{ template \"nope\" . }}",
       "template: t:1:12: executing \"t\" at <{{template \"nope\" .}}>: template \"nope\" not "
       "defined"},
      {"{{ include \"nope\" . }}",
       "template: t:1:3: executing \"t\" at <include \"nope\" .>: error calling include: template: "
       "no template \"nope\" associated with template \"root\""},
  };
  CheckRows(rows);
}

TEST_CASE("a missing key is what the option says", "[gotmpl]") {
  CHECK(Run("{{ .labels.zz }}", {}, MissingKey::kInvalid) == "<no value>");
  CHECK(Run("{{ .labels.zz }}|", {}, MissingKey::kZero) == "|");
  CHECK(Run("{{ .labels.zz }}", {}, MissingKey::kError) ==
        "template: t:1:10: executing \"t\" at <.labels.zz>: map has no entry for key \"zz\"");
}

TEST_CASE("errors keep their code and what they wrap", "[gotmpl]") {
  const FunctionTable functions = TestFunctions();
  TemplateSet set("root", functions);
  REQUIRE(set.Parse("t", "{{ include \"u\" . }}{{ define \"u\" }}{{ boom }}{{ end }}").ok());
  Session session;
  std::string out;
  const absl::Status status = set.Execute("t", Value(), session, out);
  CHECK(status.code() == absl::StatusCode::kUnavailable);
  const std::string inner =
      "template: t:1:38: executing \"u\" at <boom>: error calling boom: no more";
  CHECK(
      ErrorChain(status) ==
      std::vector<std::string>{
          "template: t:1:3: executing \"t\" at <include \"u\" .>: error calling include: " + inner,
          inner, "no more"});
}

TEST_CASE("a copy of a set has templates of its own", "[gotmpl]") {
  const FunctionTable functions;
  TemplateSet set("root", functions);
  REQUIRE(set.Parse("a", "1").ok());
  TemplateSet copy = set;
  REQUIRE(copy.Parse("b", "2").ok());
  REQUIRE(copy.Parse("a", "{{/* blank */}} ").ok());  // replaces nothing
  CHECK(set.Find("b") == nullptr);
  CHECK(copy.Find("a") == set.Find("a"));
  REQUIRE(copy.Parse("a", "3").ok());
  CHECK(copy.Find("a") != set.Find("a"));
  CHECK_THAT(copy.Parse("c", "{{"), StatusIs(absl::StatusCode::kInvalidArgument, "unclosed"));
  CHECK(copy.Find("c") == nullptr);
}

}  // namespace
}  // namespace sluice::gotmpl
