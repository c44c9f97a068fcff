// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/duplicate_fields.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace sluice::devapi {
namespace {

TEST_CASE("names that stand twice are found wherever they are", "[devapi]") {
  struct Row {
    const char* json;
    std::vector<std::string> found;
  };
  const Row rows[] = {
      {"{}", {}},
      {R"({"a":1,"b":{"a":2}})", {}},
      {R"({"a":1, "a" : 2})", {"a"}},
      {R"({"a":{"b":1,"c":2,"b":[]}})", {"a.b"}},
      {R"({"a":[{"b":1},{"b":1,"b":2}]})", {"a[1].b"}},
      {R"({"a":"\"a\":1","b":"{","a":true,"a":null})", {"a", "a"}},
      {R"([{"x":1,"x":2}])", {"[0].x"}},
      {"not json", {}},
      {R"({"a":)", {}},
      {R"({"a":1,"a)", {"a"}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.json);
    CHECK(DuplicateFields(row.json) == row.found);
  }
}

TEST_CASE("a text of repeated names is bounded", "[devapi]") {
  std::string json = "{";
  for (int i = 0; i < 1000; ++i) json += "\"a\":1,";
  json += "\"a\":1}";
  CHECK(DuplicateFields(json).size() == 100);
  CHECK(DuplicateFields(std::string(100000, '[')).empty());
}

}  // namespace
}  // namespace sluice::devapi
