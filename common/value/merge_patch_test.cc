// SPDX-License-Identifier: Apache-2.0
#include "common/value/merge_patch.h"

#include <catch2/catch.hpp>

#include "common/value/json.h"

namespace sluice::value {
namespace {

TEST_CASE("a merge patch deletes, merges and replaces", "[value]") {
  struct Row {
    const char* document;
    const char* patch;
    const char* result;
  };
  const Row rows[] = {
      // The table of RFC 7386, appendix A.
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", R"({})"},
      {R"({"a":"b","b":"c"})", R"({"a":null})", R"({"b":"c"})"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"c"})", R"({"a":["b"]})", R"({"a":["b"]})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"({"a":[{"b":"c"}]})", R"({"a":[1]})", R"({"a":[1]})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"b"})", R"(["c"])", R"(["c"])"},
      {R"({"e":null})", R"({"a":1})", R"({"a":1,"e":null})"},
      {R"({})", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
      // Nulls below a list of the patch.
      {R"({})", R"({"a":[{"b":null},null]})", R"({"a":[{},null]})"},
      {R"({"a":{"x":1}})", R"({"a":[{"b":null}]})", R"({"a":[{"b":null}]})"},
      {R"({"a":null})", R"({"a":{"b":null,"c":1}})", R"({"a":{"c":1}})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.document, row.patch);
    const Value result =
        ApplyMergePatch(ParseJson(row.document).value(), ParseJson(row.patch).value());
    CHECK(FormatJson(result) == row.result);
  }
}

TEST_CASE("the patch between two documents says only what differs", "[value]") {
  struct Row {
    const char* original;
    const char* modified;
    const char* patch;
  };
  const Row rows[] = {
      {R"({"a":1,"b":{"c":[1,2],"d":"x"}})", R"({"a":1,"b":{"c":[1,2],"d":"x"}})", "{}"},
      {R"({"a":1,"b":{"c":1,"d":2}})", R"({"b":{"c":1,"d":3,"e":4}})",
       R"({"a":null,"b":{"d":3,"e":4}})"},
      {R"({"l":[1,2]})", R"({"l":[1]})", R"({"l":[1]})"},
      {R"({"l":{"x":1}})", R"({"l":[1]})", R"({"l":[1]})"},
      {R"({"n":1,"l":[{"n":2}]})", R"({"n":1.0,"l":[{"n":2.0}]})", "{}"},
      {R"({"n":9007199254740993})", R"({"n":9007199254740992})", R"({"n":9007199254740992})"},
      {R"({"s":"1"})", R"({"s":1})", R"({"s":1})"},
      {R"([1])", R"({"a":1})", R"({"a":1})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.original, row.modified);
    const Value original = ParseJson(row.original).value();
    const Value modified = ParseJson(row.modified).value();
    CHECK(FormatJson(CreateMergePatch(original, modified)) == row.patch);
  }
}

}  // namespace
}  // namespace sluice::value
