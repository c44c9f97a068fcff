// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/tables/json_path.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "common/value/json.h"

namespace sluice::devapi {
namespace {

TEST_CASE("a path finds what it names", "[devapi]") {
  const Value root = value::ParseJson(R"({
    "a": {"b": 1, "c.d": 2, "e": {"b": 3}},
    "list": [{"type": "Ready", "status": "True", "n": 5}, {"type": "Other", "status": "False"}],
    "numbers": [1, 2, 3, 4]
  })")
                         .value();
  struct Row {
    const char* path;
    std::vector<std::string> found;  // as JSON
  };
  const Row rows[] = {
      {".a.b", {"1"}},
      {"{.a.b}", {"1"}},
      {"$.a.b", {"1"}},
      {".a['c.d']", {"2"}},
      {".a.c\\.d", {"2"}},
      {".a.none", {}},
      {".numbers[0]", {"1"}},
      {".numbers[-1]", {"4"}},
      {".numbers[9]", {}},
      {".numbers[1:3]", {"2", "3"}},
      {".numbers[2:]", {"3", "4"}},
      {".numbers[*]", {"1", "2", "3", "4"}},
      {".a.*", {"1", "2", "{\"b\":3}"}},
      {"..b", {"1", "3"}},
      {".list[?(@.type==\"Ready\")].status", {"\"True\""}},
      {".list[?(@.type!='Ready')].status", {"\"False\""}},
      {".list[?(@.n)].type", {"\"Ready\""}},
      {".list[?(@.n>4)].n", {"5"}},
      {".list[?(@.n<=4)].n", {}},
      {".", {value::FormatJson(root)}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    std::vector<std::string> found;
    for (const Value* value : JsonPath::Parse(row.path).value().Find(root)) {
      found.push_back(value::FormatJson(*value));
    }
    CHECK(found == row.found);
  }
}

// As kube-apiserver 1.34 shows a column with this path (the first of what is found), and kubectl
// prints all of it.
TEST_CASE("two dots find the value itself first, then what is below", "[devapi]") {
  const Value root = value::ParseJson(R"({"a": {"b": 1}})").value();
  struct Row {
    const char* path;
    const Value* first;
  };
  const Row rows[] = {{"..", &root}, {".a..", &root["a"]}, {"..b", &root["a"]["b"]}};
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const std::vector<const Value*> found = JsonPath::Parse(row.path).value().Find(root);
    REQUIRE_FALSE(found.empty());
    CHECK(found.front() == row.first);
  }
  CHECK(JsonPath::Parse("..").value().Find(root).size() == 3);
  CHECK(JsonPath::Parse(".a.b..c").value().Find(root).empty());
}

TEST_CASE("text that is no path is refused", "[devapi]") {
  for (const char* text :
       {"a", ".a[", ".a[x]", ".a['b]", ".a[?(b)]", ".a[?(@.b==)]", ".a b", ".a]"}) {
    CAPTURE(text);
    CHECK_FALSE(JsonPath::Parse(text).ok());
  }
}

TEST_CASE("a path of fields tells their names", "[devapi]") {
  CHECK(JsonPath::Parse(".spec['a.b'].c").value().Fields() ==
        std::vector<std::string>{"spec", "a.b", "c"});
  CHECK(JsonPath::Parse(".spec[0]").value().Fields().empty());
}

}  // namespace
}  // namespace sluice::devapi
