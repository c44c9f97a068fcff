// Templates that end because they would take too much.

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/gotmpl/template_testing.h"
#include "common/testing/status_matchers.h"

namespace sluice::gotmpl {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("each budget ends a template that passes it, and none that meets it", "[gotmpl]") {
  struct BudgetRow {
    const char* text;
    Limits met;
    Limits passed;
    const char* message;
  };
  const char* self =
      "{{ define \"d\" }}{{ if lt . 3 }}{{ template \"d\" (twice .) }}{{ end }}"
      "{{ end }}{{ template \"d\" 1 }}";
  const char* nested =
      "{{ define \"d\" }}{{ if lt . 3 }}{{ include \"d\" (twice .) }}{{ end }}"
      "{{ end }}{{ include \"d\" 1 }}";
  const BudgetRow rows[] = {
      {"{{ range 4 }}{{ end }}",
       {.iterations = 4},
       {.iterations = 3},
       "exceed the limit of 3 iterations of range"},
      {"ab{{ .s }}",
       {.output_bytes = 6},
       {.output_bytes = 5},
       "exceed the limit of 5 bytes of output"},
      {"{{ $x := upper .s }}{{ $y := upper .s }}",
       {.function_bytes = 8},
       {.function_bytes = 7},
       "exceed the limit of 7 bytes of text returned by functions"},
      {"{{ $x := printf \"%8d\" 1 }}",
       {.function_bytes = 8},
       {.function_bytes = 7},
       "exceeds the limit of 7 bytes"},
      // A statement, a command and an argument each.
      {"{{ upper .s }}", {.steps = 3}, {.steps = 2}, "exceed the limit of 2 evaluation steps"},
      {self, {.template_depth = 3}, {.template_depth = 2}, "exceeded maximum template depth (2)"},
      {nested,
       {.execution_depth = 4},
       {.execution_depth = 3},
       "exceed the limit of 3 nested executions"},
      {"{{ $x := list (list (list)) }}{{ $x }}",
       {.value_depth = 2},
       {.value_depth = 1},
       "nests deeper than 1"},
  };
  for (const BudgetRow& row : rows) {
    CAPTURE(row.text, row.message);
    CHECK(!absl::StrContains(Run(row.text, row.met), "template: "));
    CHECK_THAT(Run(row.text, row.passed), Catch::Contains(row.message));
  }
}

TEST_CASE("templates call each other as deeply as in Go, and no deeper", "[gotmpl]") {
  CHECK(Run("{{ define \"d\" }}{{ template \"d\" . }}{{ end }}{{ template \"d\" . }}") ==
        "template: t:1:28: executing \"d\" at <{{template \"d\" .}}>: exceeded maximum template "
        "depth (100000)");
}

TEST_CASE("nesting that takes call stack ends before the stack does", "[gotmpl]") {
  // Each level of the recursion is within 100 parentheses.
  const std::string deep =
      absl::StrCat(std::string(100, '('), "include \"d\" .", std::string(100, ')'));
  const std::string text =
      absl::StrCat("{{ define \"d\" }}{{ ", deep, " }}{{ end }}{{ include \"d\" . }}");
  CHECK_THAT(Run(text), Catch::Contains("exceed the limit of 6291456 bytes of call stack"));
  CHECK_THAT(Run(text, {.execution_depth = 10}),
             Catch::Contains("exceed the limit of 10 nested executions"));
}

TEST_CASE("a map that contains itself ends in an error and is freed", "[gotmpl]") {
  const FunctionTable functions = TestFunctions();
  TemplateSet set("root", functions);
  REQUIRE(set.Parse("t", "{{ $_ := set . \"self\" . }}{{ . }}").ok());
  Value data = Value::NewMap();
  const std::weak_ptr<Map> map = data.map();
  {
    Session session;
    std::string out;
    CHECK_THAT(set.Execute("t", data, session, out),
               StatusIs(absl::StatusCode::kResourceExhausted, "nests deeper than 1000"));
    data = Value();
    CHECK_FALSE(map.expired());
  }
  CHECK(map.expired());
}

}  // namespace
}  // namespace sluice::gotmpl
