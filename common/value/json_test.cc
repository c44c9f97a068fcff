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
  CHECK_FALSE(ParseJson("").ok());
  CHECK_FALSE(ParseJson("{} {}").ok());
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
