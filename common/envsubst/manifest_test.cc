// SPDX-License-Identifier: Apache-2.0
#include "common/envsubst/manifest.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::envsubst {
namespace {

using ::sluice::testing::StatusIs;
using value::Value;

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

absl::StatusOr<Value> Expanded(const Value& manifest, const Options& options = {}) {
  const std::map<std::string, std::string> variables = {
      {"n", "5"},         {"yes", "yes"},  {"oct", "0777"}, {"empty", ""},
      {"list", "[1, a]"}, {"map", "a: b"}, {"hash", "# c"}, {"quote", "\""}};
  return ExpandManifest(
      manifest,
      [&](absl::string_view name) -> const std::string* {
        const auto found = variables.find(std::string(name));
        return found == variables.end() ? nullptr : &found->second;
      },
      options);
}

TEST_CASE("a placeholder takes the type that its text has in YAML 1.1", "[envsubst]") {
  struct Row {
    const char* before;
    const char* after;
  };
  const Row rows[] = {
      {R"({"a":"${n}"})", R"({"a":5})"},
      {R"({"a":"x${n}"})", R"({"a":"x5"})"},
      {R"({"a":"${yes}"})", R"({"a":true})"},
      {R"({"a":"${oct}"})", R"({"a":511})"},
      {R"({"a":"${empty}"})", R"({"a":null})"},
      {R"({"a":"${list}"})", R"({"a":[1,"a"]})"},
      {R"({"a":"b${hash}"})", R"({"a":"b# c"})"},
      {R"({"a":"${hash}"})", R"({"a":null})"},
      {R"({"a":"${quote}${n}${quote}"})", R"({"a":"5"})"},
      {R"({"a":"on"})", R"({"a":"on"})"},
      {R"({"${n}":"x"})", R"({"5":"x"})"},
      {R"({"a":"$${n}"})", R"({"a":"${n}"})"},
      {R"({"a":9007199254740992,"b":[9007199254740993,-9007199254740993]})",
       R"({"a":9007199254740992,"b":[9007199254740992,-9007199254740992]})"},
      {R"({"a":12345678901234567890})", R"({"a":12345678901234567000})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.before);
    const absl::StatusOr<Value> expanded = Expanded(value::ParseJson(row.before).value());
    REQUIRE(expanded.ok());
    CHECK(value::FormatJson(*expanded) == row.after);
  }
}

TEST_CASE("a manifest that cannot be expanded or read again is refused", "[envsubst]") {
  CHECK_THAT(Expanded({{"a", "${n"}}).status(),
             StatusIs(kInvalid, "variable substitution failed: missing closing brace"));
  CHECK_THAT(Expanded({{"a", "${none}"}}, {.strict = true}).status(),
             StatusIs(kInvalid, "variable substitution failed: variable not set (strict mode)"));
  CHECK_THAT(Expanded({{"a", "${map}"}}).status(), StatusIs(kInvalid, "YAMLToJSON: "));
}

}  // namespace
}  // namespace sluice::envsubst
