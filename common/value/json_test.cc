// SPDX-License-Identifier: Apache-2.0
#include "common/value/json.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::value {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("JSON is printed as Go prints it", "[value]") {
  struct Row {
    const char* text;
    const char* printed;
  };
  const Row rows[] = {
      {R"({"b":1,"a":[true,null,"x"]})", R"({"a":[true,null,"x"],"b":1})"},
      {R"("a<b>&c")", R"("a\u003cb\u003e\u0026c")"},
      {R"("\u2028\t\u0001é")", "\"\\u2028\\t\\u0001é\""},
      {"1.0", "1"},
      {"1e21", "1e+21"},
      {"1e-7", "1e-7"},
      {"0.000001", "0.000001"},
      {"123456789012345678", "123456789012345678"},
      {"18446744073709551615", "18446744073709551615"},
      {"-0.0", "-0"},
      {R"({"a":1,"a":2})", R"({"a":2})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(FormatJson(ParseJson(row.text).value()) == row.printed);
  }
}

TEST_CASE("indented JSON", "[value]") {
  const Value value = {{"a", Value::EmptyArray()}, {"b", {{"c", 1}}}};
  CHECK(FormatJson(value, {.indent = 2}) == "{\n  \"a\": [],\n  \"b\": {\n    \"c\": 1\n  }\n}");
}

TEST_CASE("broken JSON is refused with its position", "[value]") {
  CHECK_THAT(ParseJson("{\"a\":\n x}").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "line 2, column 2"));
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"", "unexpected end"},           {"{} {}", "more text after the value"},
      {"[1,]", "not a value"},          {"[1 2]", "expected ',' or ']'"},
      {"{\"a\" 1}", "expected ':'"},    {"{a: 1}", "expected a key"},
      {"{\"a\":1,}", "expected a key"}, {"'a'", "not a value"},
      {"tru", "not a value"},           {"01", "more text after the value"},
      {"1.", "unexpected end"},         {".5", "not a value"},
      {"1e+", "unexpected end"},        {"-", "unexpected end"},
      {"1e400", "number out of range"}, {"\"a\nb\"", "control character in a string"},
      {"\"\\x\"", "unknown escape"},    {"\"\\u12g4\"", "expected four hexadecimal digits"},
      {"\"abc", "unexpected end"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK_THAT(ParseJson(row.text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
}

TEST_CASE("what Go forgives in JSON is forgiven", "[value]") {
  struct Row {
    const char* text;
    const char* value;
  };
  const Row rows[] = {
      {R"("\ud83d\ude00")", "\U0001F600"},  {R"("\ud83d")", "\uFFFD"},
      {R"("\ud83dx")", "\uFFFDx"},          {R"("\ude00\ud83d\u0041")", "\uFFFD\uFFFDA"},
      {"\"a\xff\xc3z\"", "a\uFFFD\uFFFDz"}, {"\"\\/\\b\"", "/\b"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(ParseJson(row.text).value().str() == row.value);
  }
}

TEST_CASE("integers stay integers as far as 64 bits go", "[value]") {
  CHECK(ParseJson("-9223372036854775808")->kind() == Value::Kind::kInt);
  CHECK(ParseJson("-9223372036854775809")->kind() == Value::Kind::kDouble);
  CHECK(ParseJson("18446744073709551615")->kind() == Value::Kind::kUint);
  CHECK(ParseJson("18446744073709551616")->kind() == Value::Kind::kDouble);
  CHECK(ParseJson("1.0")->kind() == Value::Kind::kDouble);
  CHECK(ParseJson("-0")->kind() == Value::Kind::kDouble);  // the sign would be lost
  CHECK(ParseJson("1e-400")->double_or(1) == 0);
  CHECK(FormatJsonDouble(1.2345678901234567e19) == "12345678901234567000");
  CHECK(NumberFromDouble(1.2345678901234567e18).int_or(0) == 1234567890123456800);
  CHECK(NumberFromDouble(1e20).kind() == Value::Kind::kDouble);
  CHECK(NumberFromDouble(0.0).kind() == Value::Kind::kInt);
  CHECK(FormatJson(NumberFromDouble(-0.0)) == "-0");
}

TEST_CASE("nesting is bounded", "[value]") {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(ParseJson(nested(kMaxDepth)).ok());
  CHECK_THAT(ParseJson(nested(kMaxDepth + 1)).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "nested deeper than 500 levels"));
}

}  // namespace
}  // namespace sluice::value
