// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/parser.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::gotmpl {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

auto Parsed(absl::string_view text, const ParseLimits& limits = {}) {
  static const FunctionTable functions;
  return ParseTemplates("t", text, functions, limits);
}

TEST_CASE("the tree has every node at its place", "[gotmpl]") {
  const auto parsed = Parsed(
      "a{{ with $x := .a.b | printf \"%d\" 1 }}{{ . }}{{ else }}{{ (index $x 0).c }}{{ end }}\n"
      "{{ range $i, $e := .l }}{{ break }}{{ end }}{{ template \"u\" . }}");
  REQUIRE(parsed.ok());
  CHECK(Dump(*parsed->at("t")) ==
        "text@0 \"a\"\n"
        "with@9\n"
        "  pipeline@9 $x :=\n"
        "    command@15\n"
        "      field@17 .a.b\n"
        "    command@22\n"
        "      identifier@22 printf\n"
        "      string@29 \"%d\"\n"
        "      number@34 1\n"
        "  action@41\n"
        "    pipeline@41\n"
        "      command@41\n"
        "        dot@41 .\n"
        "else\n"
        "  action@58\n"
        "    pipeline@58\n"
        "      command@58\n"
        "        chain@70 .c\n"
        "          pipeline@59\n"
        "            command@59\n"
        "              identifier@59 index\n"
        "              variable@65 $x\n"
        "              number@68 0\n"
        "text@84 \"\\n\"\n"
        "range@94\n"
        "  pipeline@94 $i, $e :=\n"
        "    command@104\n"
        "      field@104 .l\n"
        "  break@112\n"
        "template@141 \"u\"\n"
        "  pipeline@145\n"
        "    command@145\n"
        "      dot@145 .\n");
}

TEST_CASE("a file gives the templates it defines, the last that is not blank", "[gotmpl]") {
  const auto parsed = Parsed(
      "{{ define \"a\" }}1{{ end }}{{ define \"a\" }} {{/* nothing */}} {{ end }}"
      "{{ block \"b\" . }}2{{ end }}");
  REQUIRE(parsed.ok());
  CHECK(parsed->size() == 3);
  CHECK_FALSE(parsed->at("a")->IsBlank());
  CHECK(Dump(*parsed->at("b")) == "text@87 \"2\"\n");
}

TEST_CASE("what is no template is refused with text/template's words", "[gotmpl]") {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"{{ .a", "template: t:1: unclosed action"},
      {"{{ if .a }}\n", "template: t:2: unexpected EOF"},
      {"{{ if }}{{ end }}", "template: t:1: missing value for if"},
      {"{{ }}", "template: t:1: missing value for command"},
      {"{{ end }}", "template: t:1: unexpected {{end}}"},
      {"{{ else }}", "template: t:1: unexpected {{else}}"},
      {"{{ if 1 }}{{ else }}{{ else }}{{ end }}", "template: t:1: expected end; found {{else}}"},
      {"{{ if 1 }}{{ else with 1 }}{{ end }}", "template: t:1: unexpected <with> in input"},
      {"{{ nope }}", "template: t:1: function \"nope\" not defined"},
      {"{{ $x }}", "template: t:1: undefined variable \"$x\""},
      {"{{ if 1 }}{{ $x := 1 }}{{ end }}{{ $x }}", "template: t:1: undefined variable \"$x\""},
      {"{{ break }}", "template: t:1: {{break}} outside {{range}}"},
      {"{{ range . }}{{ block \"b\" . }}{{ continue }}{{ end }}{{ end }}",
       "template: t:1: {{continue}} outside {{range}}"},
      {"{{ 1 | 2 }}", "template: t:1: non executable command in pipeline stage 2"},
      {"{{ (1) ) }}", "template: t:1: unexpected right paren"},
      {"{{ .a ,}}", "template: t:1: unexpected \",\" in operand"},
      {"{{ /* x */ }}", "template: t:1: unexpected \"/\" in command"},
      {"{{ \"a\".b }}", "template: t:1: unexpected . after term \"\\\"a\\\"\""},
      {"{{ 08 }}", "template: t:1: integer overflow: \"08\""},
      {"{{ '' }}", "template: t:1: invalid syntax"},
      {"{{ \"\\z\" }}", "template: t:1: invalid syntax"},
      {"{{ $a, $b := 1 }}", "template: t:1: too many declarations in command"},
      {"{{ range $a, 1 }}{{ end }}", "template: t:1: range can only initialize variables"},
      {"{{ define }}", "template: t:1: unexpected \"}}\" in define clause"},
      {"{{ define 1 }}", "template: t:1: unexpected \"1\" in define clause"},
      {"{{ template }}", "template: t:1: unexpected \"}}\" in template clause"},
      {"{{ block \"b\" }}{{ end }}", "template: t:1: missing value for block clause"},
      {"{{ if 1 }}{{ define \"a\" }}{{ end }}{{ end }}",
       "template: t:1: unexpected <define> in command"},
      {"{{ define \"a\" }}1{{ end }}\n{{ define \"a\" }}2{{ end }}",
       "template: t:2: template: multiple definition of template \"a\""},
      {"{{\n\"a\n}}", "template: t:2: unterminated quoted string in action started at t:1"},
      {"{{\n.a", "template: t:2: unclosed action started at t:1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const absl::Status status = Parsed(row.text).status();
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(status.message() == row.message);
  }
}

TEST_CASE("nesting is bounded", "[gotmpl]") {
  const auto nested = [](size_t count, absl::string_view open, absl::string_view close) {
    std::string text;
    for (size_t i = 0; i < count; ++i) absl::StrAppend(&text, open);
    text += "1";
    for (size_t i = 0; i < count; ++i) absl::StrAppend(&text, close);
    return text;
  };
  const ParseLimits limits{.parentheses = 5, .blocks = 5};
  const auto parentheses = [&](size_t count) {
    return absl::StrCat("{{ ", nested(count, "(", ")"), " }}");
  };
  CHECK_THAT(Parsed(parentheses(5), limits).status(), IsOk());
  CHECK_THAT(Parsed(parentheses(6), limits).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "max expression depth exceeded"));
  CHECK_THAT(Parsed(nested(5, "{{ if 1 }}", "{{ end }}"), limits).status(), IsOk());
  CHECK_THAT(Parsed(nested(6, "{{ if 1 }}", "{{ end }}"), limits).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "more than 5 nested control structures"));
  const std::string chain = nested(6, "{{ if 0 }}{{ else }}", "{{ end }}");
  CHECK_THAT(Parsed(chain, limits).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "nested control structures"));
  // The defaults are met without harm.
  CHECK_THAT(Parsed(parentheses(500)).status(), IsOk());
  CHECK_THAT(Parsed(nested(500, "{{ if 1 }}", "{{ end }}")).status(), IsOk());
}

}  // namespace
}  // namespace sluice::gotmpl
