// SPDX-License-Identifier: Apache-2.0
#include "common/gotmpl/value.h"

#include <catch2/catch.hpp>
#include <limits>
#include <string>
#include <vector>

#include "common/gotmpl/document.h"
#include "common/gotmpl/function.h"
#include "common/gotmpl/literal.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::gotmpl {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

TEST_CASE("truth is emptiness", "[gotmpl]") {
  const Value no[] = {Value(),          Value::Bool(false),          Value::Int(0),
                      Value::Float(0),  Value::String(""),           Value::FromList({}),
                      Value::NewMap(),  Value::NilOf(types::kMap),   Value::Complex({0, 0}),
                      Value::Uint64(0), Value::Zero(types::kString), Value::Bytes("")};
  for (const Value& value : no) CHECK_FALSE(value.IsTrue());
  const Value yes[] = {
      Value::Bool(true),          Value::Int(-1),
      Value::String("0"),         Value::Float(std::numeric_limits<double>::quiet_NaN()),
      Value::FromList({Value()}), Value::FromMap({{"a", Value()}})};
  for (const Value& value : yes) CHECK(value.IsTrue());
}

TEST_CASE("copies share their map", "[gotmpl]") {
  const Value map = Value::NewMap();
  const Value copy = map;
  (*map.map())["a"] = Value::Int(1);
  REQUIRE(copy.Find("a") != nullptr);
  CHECK(copy.Find("a")->signed_integer() == 1);
  CHECK(copy.Find("b") == nullptr);
  CHECK(Value::Int(1).Find("a") == nullptr);
}

TEST_CASE("documents become values and values documents", "[gotmpl]") {
  const value::Value document =
      value::ParseJson(R"({"a": [1, 2.5, "x", null, true], "b": {"c": {}}})").value();
  const Value floats = FromDocument(document, Numbers::kFloats);
  CHECK(floats.Find("a")->at(0).type_name() == "float64");
  CHECK(floats.Find("a")->at(3).is_untyped_nil());
  const Value integers = FromDocument(document, Numbers::kIntegers);
  CHECK(integers.Find("a")->at(0).type_name() == "int64");
  CHECK(integers.Find("a")->at(1).type_name() == "float64");
  Session session;
  CHECK(ToDocument(integers, session).value() == document);
  CHECK(value::FormatJson(ToDocument(Value::Bytes("hi"), session).value()) == "\"aGk=\"");

  const gotmpl::Field fields[] = {
      {.name = "Name", .type = &types::kString, .json = "name"},
      {.name = "Hidden", .type = &types::kString, .json = "-"},
      {.name = "Empty", .type = &types::kString, .json = "empty", .omit_empty = true}};
  const Type type{.kind = Kind::kStruct, .name = "t.T", .fields = fields};
  const Value object =
      Value::ObjectOf(type, std::make_shared<Record>(std::vector<Value>{
                                Value::String("n"), Value::String("h"), Value::String("")}));
  CHECK(value::FormatJson(ToDocument(object, session).value()) == "{\"name\":\"n\"}");
}

TEST_CASE("what JSON cannot hold is refused, and so is what is too large", "[gotmpl]") {
  Session session({.steps = 3, .value_depth = 1});
  CHECK_THAT(ToDocument(Value::Float(std::numeric_limits<double>::infinity()), session).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "json: unsupported value: +Inf"));
  CHECK_THAT(ToDocument(Value::FromList({Value()}), session).status(), IsOk());
  CHECK_THAT(ToDocument(Value(), session).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "evaluation steps"));
  Session deep({.value_depth = 1});
  const Value nested = Value::FromList({Value::FromList({Value()})});
  CHECK_THAT(ToDocument(nested, deep).status(),
             StatusIs(absl::StatusCode::kResourceExhausted, "nests deeper than 1"));
  CHECK_THAT(
      ToDocument(Value::FunctionOf(types::kFunc, std::make_shared<Function>()), deep).status(),
      StatusIs(absl::StatusCode::kInvalidArgument, "json: unsupported type: func()"));
}

TEST_CASE("numbers are read as Go's strconv reads them", "[gotmpl]") {
  CHECK(ParseInt("-0x10", 0) == -16);
  CHECK(ParseInt("0b11", 0) == 3);
  CHECK(ParseInt("017", 0) == 15);
  CHECK(ParseInt("1_000", 0) == 1000);
  CHECK(ParseInt("-9223372036854775808", 10) == std::numeric_limits<int64_t>::min());
  CHECK(ParseUint("18446744073709551615", 10) == std::numeric_limits<uint64_t>::max());
  for (const char* text :
       {"", "08", "1__0", "_1", "1_", "0x", "9223372036854775808", "1.0", " 1"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseInt(text, 0).has_value());
  }
  CHECK_FALSE(ParseInt("1_0", 10).has_value());
  CHECK(ParseFloat("1e3") == 1000);
  CHECK(ParseFloat("-.5") == -0.5);
  CHECK(ParseFloat("0x1.8p1") == 3);
  CHECK(ParseFloat("1_0.5") == 10.5);
  CHECK(ParseFloat("+Inf") == std::numeric_limits<double>::infinity());
  for (const char* text : {"", ".", "1e", "0x1", "1e400", "1x", "--1", "0x1.8"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseFloat(text).has_value());
  }
}

TEST_CASE("string literals are unquoted", "[gotmpl]") {
  CHECK(Unquote(R"("a\tA\x42\103☃\"")").value() == "a\tABC\xE2\x98\x83\"");
  CHECK(Unquote("`a\\n\r`").value() == "a\\n");
  for (const char* text :
       {"", "\"", "'a'", "\"\\z\"", "\"\\400\"", "\"\\ud800\"", "\"a\"\"", "`a"}) {
    CAPTURE(text);
    CHECK_THAT(Unquote(text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "invalid syntax"));
  }
}

}  // namespace
}  // namespace sluice::gotmpl
