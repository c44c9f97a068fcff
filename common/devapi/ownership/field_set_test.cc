// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/ownership/field_set.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

using ::sluice::testing::StatusIs;
using ::sluice::value::FormatJson;
using ::sluice::value::ParseJson;

FieldSet Set(const char* fields_v1) {
  return FieldSet::Decode(ParseJson(fields_v1).value()).value();
}

std::vector<std::string> Paths(const FieldSet& set) {
  std::vector<std::string> paths;
  set.ForEach([&](const Path& path) { paths.push_back(ToString(path)); });
  return paths;
}

TEST_CASE("a set reads and writes FieldsV1", "[devapi]") {
  const char* const text =
      R"({"f:metadata":{"f:labels":{".":{},"f:app":{}}},"f:spec":{"f:list":{"k:{\"name\":\"web\",)"
      R"(\"port\":80}":{".":{},"f:image":{}}},"f:set":{"v:\"x\"":{}},"i:3":{}}})";
  const FieldSet set = Set(text);
  CHECK(FormatJson(set.Encode()) == text);
  CHECK(Paths(set) == std::vector<std::string>{".metadata.labels", ".metadata.labels.app",
                                               ".spec[3]", ".spec.list[name=\"web\",port=80]",
                                               ".spec.list[name=\"web\",port=80].image",
                                               ".spec.set[=\"x\"]"});
}

TEST_CASE("keys of unknown kinds are left out, malformed ones are errors", "[devapi]") {
  CHECK(FormatJson(Set(R"({"f:a":{},"z:new":{}})").Encode()) == R"({"f:a":{}})");
  struct Row {
    const char* text;
    const char* error;
  };
  const Row rows[] = {
      {R"({"f":{}})", "key must be 2 characters long"},
      {R"({"fa":{}})", "missing colon: fa"},
      {R"({"f:a":{"i:x":{}}})", "not an index"},
      {R"({"k:{":{}})", "invalid JSON"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK_THAT(FieldSet::Decode(ParseJson(row.text).value()).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.error));
  }
}

TEST_CASE("sets are joined, intersected and taken apart", "[devapi]") {
  const FieldSet a = Set(R"({"f:a":{},"f:b":{".":{},"f:c":{},"f:d":{}},"f:e":{"f:f":{}}})");
  const FieldSet b = Set(R"({"f:b":{".":{},"f:d":{}},"f:e":{"f:g":{}},"f:h":{}})");
  struct Row {
    const char* name;
    FieldSet result;
    const char* expected;
  };
  const Row rows[] = {
      {"union", a.Union(b),
       R"({"f:a":{},"f:b":{".":{},"f:c":{},"f:d":{}},"f:e":{"f:f":{},"f:g":{}},"f:h":{}})"},
      {"intersection", a.Intersection(b), R"({"f:b":{".":{},"f:d":{}}})"},
      {"difference", a.Difference(b), R"({"f:a":{},"f:b":{"f:c":{}},"f:e":{"f:f":{}}})"},
      {"recursive difference", a.RecursiveDifference(b), R"({"f:a":{},"f:e":{"f:f":{}}})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK(FormatJson(row.result.Encode()) == row.expected);
  }
  CHECK(a.Difference(a).empty());
  CHECK_FALSE(a.empty());
  CHECK(a.Has({PathElement::Field("b"), PathElement::Field("c")}));
  CHECK_FALSE(a.Has({PathElement::Field("e")}));
}

TEST_CASE("elements are ordered by kind, then by content", "[devapi]") {
  const PathElement order[] = {
      PathElement::Field("a"),
      PathElement::Field("b"),
      PathElement::Key({{"port", 9}}),
      PathElement::Key({{"port", 10}}),
      PathElement::Key({{"port", 10}, {"proto", "TCP"}}),
      PathElement::Item(2),
      PathElement::Item("1"),
      PathElement::Item(true),
      PathElement::Index(0),
      PathElement::Index(12),
  };
  for (size_t i = 0; i < std::size(order); ++i) {
    for (size_t j = 0; j < std::size(order); ++j) {
      CAPTURE(order[i].ToString(), order[j].ToString());
      CHECK((order[i] < order[j]) == (i < j));
      CHECK((order[i] == order[j]) == (i == j));
    }
  }
  CHECK(PathElement::Item(1) == PathElement::Item(1.0));
}

}  // namespace
}  // namespace sluice::devapi
