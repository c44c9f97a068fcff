// SPDX-License-Identifier: Apache-2.0
#include "common/value/value.h"

#include <catch2/catch.hpp>

#include "common/value/json.h"

namespace sluice::value {
namespace {

TEST_CASE("changing a copy leaves the original alone", "[value]") {
  const Value original = {{"metadata", {{"name", "web"}, {"labels", {{"app", "web"}}}}}};
  Value copy = original;
  copy.Ensure("metadata").Ensure("labels").Set("app", "api");
  CHECK(original["metadata"]["labels"]["app"].str() == "web");
  CHECK(copy["metadata"]["labels"]["app"].str() == "api");
  CHECK(original["metadata"]["name"] == copy["metadata"]["name"]);
}

TEST_CASE("a member may be assigned to its own container", "[value]") {
  Value value = {{"inner", {{"x", 1}}}};
  value = Value(value["inner"]);
  CHECK(value["x"].int_or(0) == 1);
  Value list = Value(Value::Array{1, Value(Value::Array{2})});
  list = list.at(1);
  CHECK(list.at(0).int_or(0) == 2);
}

TEST_CASE("members are kept in key order and the last of equal keys wins", "[value]") {
  const Value value = Value::FromMembers({{"b", 1}, {"a", 2}, {"b", 3}});
  CHECK(FormatJson(value) == R"({"a":2,"b":3})");
}

TEST_CASE("looking into an absent member or another kind gives null", "[value]") {
  const Value value = {{"spec", "text"}};
  CHECK(value["spec"]["deeper"]["still"].is_null());
  CHECK(value["none"].items().empty());
  CHECK(Dig(value, {"spec", "x"}).is_null());
  CHECK(value.at(3).is_null());
}

TEST_CASE("erasing, appending and replacing", "[value]") {
  Value value;
  value.Set("list", Value::EmptyArray()).Append(1);
  value.FindMutable("list")->Append("two");
  CHECK(FormatJson(value) == R"({"list":[1,"two"]})");
  CHECK(value.Erase("list"));
  CHECK_FALSE(value.Erase("list"));
  CHECK(value.is_object());
}

TEST_CASE("integers, unsigned integers and doubles are told apart", "[value]") {
  CHECK(Value(1) != Value(1.0));
  CHECK(Value(uint64_t{18446744073709551615u}).kind() == Value::Kind::kUint);
  CHECK(Value(uint64_t{5}).kind() == Value::Kind::kInt);
  CHECK(Value(uint64_t{5}) == Value(5));
}

}  // namespace
}  // namespace sluice::value
