// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/lexer.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace sluice::gotmpl {
namespace {

// Every token as kind@line:text, up to the end or an error.
std::vector<std::string> Tokens(absl::string_view input) {
  Lexer lexer(input);
  std::vector<std::string> tokens;
  while (true) {
    const Token token = lexer.Next();
    if (token.kind == TokenKind::kEnd) return tokens;
    tokens.push_back(absl::StrCat(token.line, ":", token.text));
    if (token.kind == TokenKind::kError) return tokens;
  }
}

TEST_CASE("text and actions come apart, trimmed as the markers say", "[gotmpl]") {
  struct Row {
    const char* input;
    std::vector<std::string> tokens;
  };
  const Row rows[] = {
      {"", {}},
      {"a\nb", {"1:a\nb"}},
      {"a {{ .b }} c", {"1:a ", "1:{{", "1: ", "1:.b", "1: ", "1:}}", "1: c"}},
      {"a \n {{- .b -}} \n c", {"1:a", "2:{{", "2:.b", "2:}}", "3:c"}},
      {"a {{-3}} b", {"1:a ", "1:{{", "1:-3", "1:}}", "1: b"}},  // no marker: a number
      {"{{3-}}", {"1:{{", "1:bad number syntax: \"3-\""}},
      {"a {{/* x\n */}} b", {"1:a ", "2: b"}},
      {"a {{- /* x */ -}} b", {"1:a", "1:b"}},
      {"{{ $x:=1|f }}", {"1:{{", "1: ", "1:$x", "1::=", "1:1", "1:|", "1:f", "1: ", "1:}}"}},
      {"{{`a\n`}}{{ 'x' }}", {"1:{{", "1:`a\n`", "2:}}", "2:{{", "2: ", "2:'x'", "2: ", "2:}}"}},
      {"{{\n.a\n}}z", {"1:{{", "1:\n", "2:.a", "2:\n", "3:}}", "3:z"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.input);
    CHECK(Tokens(row.input) == row.tokens);
  }
}

TEST_CASE("what is no token is refused where it stands", "[gotmpl]") {
  struct Row {
    const char* input;
    const char* error;
  };
  const Row rows[] = {
      {"{{/* x", "1:unclosed comment"},
      {"{{/* x */ }}", "1:comment ends before closing delimiter"},
      {"{{", "1:unclosed action"},
      {"a\n{{ .x", "2:unclosed action"},
      {"{{ (.x }}", "1:unclosed left paren"},
      {"{{ ) }}", "1:unexpected right paren"},
      {"{{ \"a\n\" }}", "1:unterminated quoted string"},
      {"{{ `a }}", "1:unterminated raw quoted string"},
      {"{{ 'a }}", "1:unterminated character constant"},
      {"{{ .a-b }}", "1:bad character U+002D '-'"},
      {"{{ a\xE2\x98\x83 }}", "1:bad character U+2603 '\xE2\x98\x83'"},
      {"{{ : }}", "1:expected :="},
      {"{{ 1x }}", "1:bad number syntax: \"1x\""},
      {"{{ \x01 }}", "1:unrecognized character in action: U+0001"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.input);
    CHECK(Tokens(row.input).back() == row.error);
  }
}

TEST_CASE("messages name tokens by kind and length", "[gotmpl]") {
  CHECK(Token{}.Describe() == "EOF");
  CHECK(Token{TokenKind::kIf, 0, 1, "if"}.Describe() == "<if>");
  CHECK(Token{TokenKind::kString, 0, 1, "\"a\""}.Describe() == "\"\\\"a\\\"\"");
  CHECK(Token{TokenKind::kIdentifier, 0, 1, "abcdefghijkl"}.Describe() == "\"abcdefghij\"...");
}

}  // namespace
}  // namespace sluice::gotmpl
