// SPDX-License-Identifier: Apache-2.0
#include "common/cel/lexer.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"

namespace sluice::cel {
namespace {

TEST_CASE("text is cut into the longest tokens", "[cel][lexer]") {
  struct Row {
    const char* text;
    const char* tokens;  // with a blank behind each
  };
  const Row rows[] = {
      {"a.b[1]", "a . b [ 1 ] "},
      {"a<=b", "a <= b "},
      {"a ?b:c", "a ? b : c "},
      {"0x1Fu 12u 1.5e-3 .5 1e3", "0x1Fu 12u 1.5e-3 .5 1e3 "},
      {"1.e", "1 . e "},
      {"1..2", "1 . .2 "},
      {"0xg", "0 xg "},
      {"inner in", "inner in "},
      {"a // comment\nb", "a b "},
      {"'a\\'b' \"c\"", "'a\\'b' \"c\" "},
      {"'''a'b''' r'\\' bR\"x\"", "'''a'b''' r'\\' bR\"x\" "},
      {"`a-b.c`", "`a-b.c` "},
      {"\"\"\"a\nb\"\"\"", "\"\"\"a\nb\"\"\" "},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    std::vector<Issue> issues;
    std::string tokens;
    for (const Token& token : Tokenize(row.text, issues)) {
      if (token.kind != TokenKind::kEnd) absl::StrAppend(&tokens, token.text, " ");
    }
    CHECK(tokens == row.tokens);
    CHECK(issues.empty());
  }
}

TEST_CASE("what is no token is left out with a message", "[cel][lexer]") {
  struct Row {
    const char* text;
    size_t issues;
    uint32_t offset;  // of the first
    const char* message;
  };
  const Row rows[] = {
      {"@", 1, 0, "Syntax error: token recognition error at: '@'"},
      {"a & b", 1, 2, "Syntax error: token recognition error at: '& '"},
      {"'abc", 1, 0, "Syntax error: token recognition error at: ''abc'"},
      {"'a\\q'", 2, 0, "Syntax error: token recognition error at: ''a\\q'"},
      {"'\\u12'", 1, 0, "Syntax error: token recognition error at: ''\\u12''"},
      {"b'", 1, 1, "Syntax error: token recognition error at: '''"},
      {"'''a", 1, 2, "Syntax error: token recognition error at: ''a'"},
      {"\u00e9", 1, 0, "Syntax error: token recognition error at: '\u00e9'"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    std::vector<Issue> issues;
    Tokenize(row.text, issues);
    REQUIRE(issues.size() == row.issues);
    CHECK(issues[0].offset == row.offset);
    CHECK(issues[0].message == row.message);
  }
}

}  // namespace
}  // namespace sluice::cel
