// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/match.h"
#include "common/jsonschema/schema.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::jsonschema {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr absl::StatusCode kBeyond = absl::StatusCode::kOutOfRange;

TEST_CASE("a schema may have so many bytes", "[jsonschema]") {
  const std::string schema = R"({"type":"object"})";
  Options options;
  options.limits.max_schema_bytes = schema.size();
  CHECK_THAT(Schema::Parse(schema, options).status(), IsOk());
  CHECK_THAT(Schema::Parse(schema + " ", options).status(), StatusIs(kBeyond, "max_schema_bytes"));
}

TEST_CASE("a schema may have so many subschemas", "[jsonschema]") {
  Options options;
  options.limits.max_schemas = 3;
  CHECK_THAT(Schema::Parse(R"({"allOf":[{"not":{}}]})", options).status(), IsOk());
  CHECK_THAT(Schema::Parse(R"({"allOf":[{"not":{}}, true]})", options).status(),
             StatusIs(kBeyond, "max_schemas"));
}

TEST_CASE("long names above many subschemas are refused before they fill the memory",
          "[jsonschema]") {
  std::string schema =
      absl::StrCat(R"({"properties":{")", std::string(1 << 20, 'x'), R"(":{"properties":{)");
  for (int i = 0; i < 200; ++i) absl::StrAppend(&schema, i > 0 ? "," : "", "\"", i, "\":{}");
  schema += "}}}}";
  CHECK_THAT(Schema::Parse(schema).status(), StatusIs(kBeyond, "64 MiB"));
}

TEST_CASE("a schema may refer to so many documents", "[jsonschema]") {
  Options options;
  options.limits.max_documents = 3;
  options.load = [](absl::string_view url) -> absl::StatusOr<std::string> {
    // Each refers to the next one, without an end.
    return absl::StrCat(R"({"$ref":")", url, R"(x"})");
  };
  CHECK_THAT(Schema::Parse(R"({"$ref":"http://h/x"})", options).status(),
             StatusIs(kBeyond, "max_documents"));
}

TEST_CASE("schemas may be applied inside one another so deep", "[jsonschema]") {
  Options options;
  options.limits.max_depth = 20;
  const Schema schema = Schema::Parse(R"({"properties":{"a":{"$ref":"#"}}})", options).value();
  const auto nested = [](int levels) {
    Value value = Value::EmptyObject();
    for (int i = 0; i < levels; ++i) value = Value({{"a", value}});
    return value;
  };
  CHECK_THAT(schema.Validate(nested(9)), IsOk());
  CHECK_THAT(schema.Validate(nested(10)), StatusIs(kBeyond, "max_depth"));
}

TEST_CASE("the deepest value that can be read is checked with the usual limits", "[jsonschema]") {
  const Schema schema =
      Schema::Parse(R"({"anyOf":[{"items":{"$ref":"#"},"type":"array"}]})").value();
  const Value deep = value::ParseJson(std::string(499, '[') + std::string(499, ']')).value();
  CHECK_THAT(schema.Validate(deep), IsOk());
}

TEST_CASE("checking may take so many steps", "[jsonschema]") {
  // Every schema applies the next one twice.
  std::string schema = R"({"$ref":"#/$defs/0","$defs":{)";
  for (int i = 0; i < 40; ++i) {
    const std::string next = absl::StrCat(R"({"$ref":"#/$defs/)", i + 1, R"("})");
    absl::StrAppend(&schema, "\"", i, R"(":{"allOf":[)", next, ",", next, "]},");
  }
  schema += R"("40":{"type":"string"}}})";
  Options options;
  options.limits.max_steps = 100'000;
  const Schema bomb = Schema::Parse(schema, options).value();
  CHECK_THAT(bomb.Validate(Value(1)), StatusIs(kBeyond, "max_steps"));
  CHECK_THAT(bomb.Validate(Value("x")), StatusIs(kBeyond, "max_steps"));
}

TEST_CASE("of very many findings the first are told", "[jsonschema]") {
  Options options;
  options.limits.max_findings = 3;
  const Schema schema =
      Schema::Parse(R"({"items":{"anyOf":[{"type":"string"},{"const":0}]}})", options).value();
  Value::Array items(100, Value(0));
  CHECK_THAT(schema.Validate(Value(items)), IsOk());  // branches that fail are no findings
  const absl::Status status = schema.Validate(Value(Value::Array(100'000, Value(true))));
  CHECK(status.message() ==
        "- at '/0': 'anyOf' failed\n"
        "  - at '/0': got boolean, want string\n"
        "  - at '/0': value must be 0\n"
        "- further findings are left out");
}

TEST_CASE("the text of a refusal is bounded", "[jsonschema]") {
  Options options;
  options.limits.max_message_bytes = 200;
  const Schema schema = Schema::Parse(R"({"items":{"pattern":"^a"}})", options).value();
  const absl::Status status = schema.Validate(Value(Value::Array(3, Value(std::string(100, 'b')))));
  CHECK(absl::StartsWith(status.message(), "- at '/0': 'bbb"));
  CHECK(absl::EndsWith(status.message(), "^a'\n- further findings are left out"));
  CHECK(status.message().size() < 240);
  const absl::Status huge =
      schema.Validate(Value(Value::Array(1, Value(std::string(1 << 20, 'b')))));
  CHECK(huge.message() == "- further findings are left out");
}

TEST_CASE("a divisor may have so many digits", "[jsonschema]") {
  CHECK_THAT(Schema::Parse(absl::StrCat(R"({"multipleOf":1.)", std::string(35, '3'), "}")).status(),
             IsOk());
  CHECK_THAT(Schema::Parse(absl::StrCat(R"({"multipleOf":1.)", std::string(36, '3'), "}")).status(),
             StatusIs(kBeyond, "too many digits"));
}

}  // namespace
}  // namespace sluice::jsonschema
