// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/json_text.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/jsonschema/json_syntax.h"
#include "common/testing/status_matchers.h"

namespace sluice::jsonschema {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("a text that is no JSON is refused in the words of encoding/json", "[jsonschema]") {
  struct Row {
    const char* text;
    const char* fault;  // empty: the syntax is right
  };
  const Row rows[] = {
      {"", "EOF"},
      {"   ", "EOF"},
      {"{", "unexpected EOF"},
      {"[1,]", "invalid character ']' looking for beginning of value"},
      {R"({"a"})", "invalid character '}' after object key"},
      {R"({"a":})", "invalid character '}' looking for beginning of value"},
      {"nul", "unexpected EOF"},
      {R"({"a":1,})", "invalid character '}' looking for beginning of object key string"},
      {R"({"a":1} x)", "invalid character after top-level value"},
      {R"({"a":tru})", "invalid character '}' in literal true (expecting 'e')"},
      {"\"\001\"", "invalid character '\\x01' in string literal"},
      {R"("\x")", "invalid character 'x' in string escape code"},
      {"01", "invalid character after top-level value"},
      {"-", "unexpected EOF"},
      {"-x", "invalid character 'x' in numeric literal"},
      {"1.", "unexpected EOF"},
      {"1.x", "invalid character 'x' after decimal point in numeric literal"},
      {"1e", "unexpected EOF"},
      {"1e+x", "invalid character 'x' in exponent of numeric literal"},
      {R"({"a" 1})", "invalid character '1' after object key"},
      {"{'a':1}", "invalid character '\\'' looking for beginning of object key string"},
      {R"(["a" "b"])", R"(invalid character '"' after array element)"},
      {R"("abc)", "unexpected EOF"},
      {R"("\u12g4")", "invalid character 'g' in \\u hexadecimal character escape"},
      {"1 2", "invalid character after top-level value"},
      {"é", "invalid character 'Ã' looking for beginning of value"},
      {"[[[", "unexpected EOF"},
      {R"({"a":1 "b")", R"(invalid character '"' after object key:value pair)"},
      {"// x", "invalid character '/' looking for beginning of value"},
      {R"({"a":[1,{"b":null}]})", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(GoSyntaxError(row.text) == row.fault);
  }
}

TEST_CASE("what is JSON but cannot be held is refused too", "[jsonschema]") {
  CHECK_THAT(ReadJson("[1e400]").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "number out of range"));
  CHECK_THAT(ReadJson(std::string(600, '[') + std::string(600, ']')).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "nested deeper"));
  CHECK_THAT(ReadJson(std::string(100'000, '[')).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "unexpected EOF"));
}

TEST_CASE("numbers are remembered as they are written", "[jsonschema]") {
  const JsonText text = ReadJson(R"( {"a": [1.0, 1, {"\u0062": 1e3}], "a b": -0.50, )"
                                 R"("c": "x\"1.0", "d": 1.0, "d": 2} )")
                            .value();
  CHECK(text.LiteralOf(text.value["a"].at(0)) == "1.0");
  CHECK(text.LiteralOf(text.value["a"].at(1)) == "1");
  CHECK(text.LiteralOf(text.value["a"].at(2)["b"]) == "1e3");
  CHECK(text.LiteralOf(text.value["a b"]) == "-0.50");
  CHECK(text.LiteralOf(text.value["d"]) == "2");
  CHECK(text.literals.size() == 3);
}

}  // namespace
}  // namespace sluice::jsonschema
