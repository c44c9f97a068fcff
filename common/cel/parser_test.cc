// SPDX-License-Identifier: Apache-2.0
#include "common/cel/parser.h"

#include <catch2/catch.hpp>
#include <string>

namespace sluice::cel {
namespace {

TEST_CASE("expressions become trees", "[cel][parser]") {
  struct Row {
    const char* text;
    const char* tree;
  };
  const Row rows[] = {
      {"1 + 2 * 3", "_+_(1, _*_(2, 3))"},
      {"(1 + 2) * 3", "_*_(_+_(1, 2), 3)"},
      {"a - b - c", "_-_(_-_(a, b), c)"},
      {"a < b == c", "_==_(_<_(a, b), c)"},
      {"a && b && c || d", "_||_(_&&_(a, b, c), d)"},
      {"a ? b : c ? d : e", "_?_:_(a, b, _?_:_(c, d, e))"},
      {"!!a", "a"},
      {"!!!a", "!_(a)"},
      {"--a", "a"},
      {"-1", "-1"},
      {"-a", "-_(a)"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"a.b.c(d)[0]", "_[_](a.b.c(d), 0)"},
      {"a.?b[?c]", "_[?_](_?._(a, \"b\"), c)"},
      {"[a, ?b, ]", "[a, ?b]"},
      {"{a: 1, ?'b': c}", "{a: 1, ?\"b\": c}"},
      {"a.B{c: 1}", "a.B{c: 1}"},
      {".a.b", ".a.b"},
      {"1u + 0x10 + 1.5", "_+_(_+_(1u, 16), 1.5)"},
      {"'a\\u00e9' + b'\\xff'", "_+_(\"a\u00e9\", b\"\\xff\")"},
      {"a in b", "@in(a, b)"},
      {"has(a.b)", "a.b~test-only~"},
      {"[1].all(x, x > 0)",
       "__comprehension__(x, [1], @result, true, @not_strictly_false(@result), _&&_(@result, "
       "_>_(x, 0)), @result)"},
      {"m.map(x, x > 0, y)",
       "__comprehension__(x, m, @result, [], true, _?_:_(_>_(x, 0), _+_(@result, [y]), @result), "
       "@result)"},
      {"m.exists_one(x, x)",
       "__comprehension__(x, m, @result, 0, true, _?_:_(x, _+_(@result, 1), @result), "
       "_==_(@result, 1))"},
      {"o.optMap(v, v)",
       "_?_:_(o.hasValue(), optional.of(__comprehension__(#unused, [], v, o.value(), false, v, "
       "v)), optional.none())"},
      {"m.transformMapEntry(k, v, {v: k})",
       "__comprehension__(k, v, m, @result, {}, true, cel.@mapInsert(@result, {v: k}), @result)"},
      // Not macros: another number of arguments.
      {"a.all(x)", "a.all(x)"},
      {"has(a.b, c)", "has(a.b, c)"},
  };
  Features features = Features::KubernetesStored();
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto ast = Parse(row.text, features);
    REQUIRE(ast.ok());
    CHECK(Dump(*(*ast)->root()) == row.tree);
  }
}

TEST_CASE("macros of other dialects are calls", "[cel][parser]") {
  CHECK(Dump(*(*Parse("m.all(k, v, true)", Features::Flux()))->root()) == "m.all(k, v, true)");
  CHECK(Dump(*(*Parse("m.sortBy(k, k)", Features::KubernetesNew()))->root()) == "m.sortBy(k, k)");
}

TEST_CASE("a syntax error shows the place", "[cel][parser]") {
  CHECK(Parse("a +\n  b c", Features::Flux()).status().message() ==
        "ERROR: <input>:2:5: Syntax error: extraneous input 'c' expecting <EOF>\n"
        " |   b c\n"
        " | ....^");
  CHECK(Parse("s(v", Features::Flux()).status().message() ==
        "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {')', ','}\n"
        " | s(v\n"
        " | ...^");
}

}  // namespace
}  // namespace sluice::cel
