// SPDX-License-Identifier: Apache-2.0
#include "common/value/json_patch.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::value {
namespace {

using ::sluice::testing::StatusIs;

absl::StatusOr<Value> Patch(const char* document, const char* patch,
                            const JsonPatchLimits& limits = {}) {
  return ApplyJsonPatch(ParseJson(document).value(), ParseJson(patch).value(), limits);
}

TEST_CASE("operations change the document in order", "[value]") {
  struct Row {
    const char* document;
    const char* patch;
    const char* result;
  };
  const Row rows[] = {
      {R"({"a":1})", R"([{"op":"add","path":"/b","value":[2]}])", R"({"a":1,"b":[2]})"},
      {R"({"a":1})", R"([{"op":"add","path":"/a","value":2}])", R"({"a":2})"},
      {R"({"a":1})", R"([{"op":"add","path":"/b"}])", R"({"a":1,"b":null})"},
      {R"({"a":1})", R"([{"op":"add","path":"/","value":2}])", R"({"":2,"a":1})"},
      {R"({"l":[1,2]})", R"([{"op":"add","path":"/l/-","value":3}])", R"({"l":[1,2,3]})"},
      {R"({"l":[1,2]})", R"([{"op":"add","path":"/l/0","value":3}])", R"({"l":[3,1,2]})"},
      {R"({"l":[1,2]})", R"([{"op":"add","path":"/l/2","value":3}])", R"({"l":[1,2,3]})"},
      {R"({"l":[1,2]})", R"([{"op":"add","path":"/l/-1","value":3}])", R"({"l":[1,2,3]})"},
      {R"({"l":[1,2]})", R"([{"op":"add","path":"/l/-3","value":3}])", R"({"l":[3,1,2]})"},
      {R"({"l":[1,2]})", R"([{"op":"remove","path":"/l/-1"}])", R"({"l":[1]})"},
      {R"({"l":[1,2]})", R"([{"op":"replace","path":"/l/+1","value":5}])", R"({"l":[1,5]})"},
      {R"({"l":[{"x":1}]})", R"([{"op":"replace","path":"/l/-1/x","value":5}])",
       R"({"l":[{"x":5}]})"},
      {R"([1,2])", R"([{"op":"remove","path":"/0"}])", R"([2])"},
      {R"({"a/b":{"~":1}})", R"([{"op":"remove","path":"/a~1b/~0"}])", R"({"a/b":{}})"},
      {R"({"~1":1})", R"([{"op":"remove","path":"/~01"}])", R"({})"},
      {R"({"a":1})", R"([{"op":"replace","path":"/b","value":2}])", R"({"a":1,"b":2})"},
      {R"({"a":1})", R"([{"op":"replace","path":"","value":{"b":2}}])", R"({"b":2})"},
      {R"({"a":1})", R"([{"op":"replace","path":"","value":"x"}])", R"({"a":1})"},
      {R"({"a":{"b":1},"c":{}})", R"([{"op":"move","from":"/a/b","path":"/c/d"}])",
       R"({"a":{},"c":{"d":1}})"},
      {R"({"a":{"b":1}})", R"([{"op":"copy","from":"/a","path":"/a/c"}])",
       R"({"a":{"b":1,"c":{"b":1}}})"},
      {R"({"a":1})", R"([{"op":"copy","from":"/x","path":"/b"}])", R"({"a":1,"b":null})"},
      {R"({"a":1})", R"([{"op":"add","path":"nowhere/b","value":2}])", R"({"a":1,"b":2})"},
      {R"({"a":{"b":[1,"x"]}})",
       R"([{"op":"test","path":"/a","value":{"b":[1,"x"]}},{"op":"remove","path":"/a/b"}])",
       R"({"a":{}})"},
      {R"({"a":1})", R"([{"op":"test","path":"/x","value":null}])", R"({"a":1})"},
      {R"({"a":1})", R"([{"op":"test","path":"","value":{"a":1}}])", R"({"a":1})"},
      {R"({"a":1})", "[]", R"({"a":1})"},
      {R"({"a":1})", "null", R"({"a":1})"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.document, row.patch);
    const absl::StatusOr<Value> result = Patch(row.document, row.patch);
    CHECK_THAT(result.status(), sluice::testing::IsOk());
    if (result.ok()) CHECK(FormatJson(*result) == row.result);
  }
}

TEST_CASE("an operation that does not apply says why in the reference's words", "[value]") {
  struct Row {
    const char* document;
    const char* operation;
    const char* error;
  };
  const Row rows[] = {
      {"{}", R"({"op":"add","path":"/a/b","value":1})",
       R"(add operation does not apply: doc is missing path: "/a/b": missing value)"},
      {"{}", R"({"op":"add","path":"","value":{}})",
       R"(add operation does not apply: doc is missing path: "": missing value)"},
      {R"({"a":"text"})", R"({"op":"add","path":"/a/b","value":1})",
       R"(add operation does not apply: doc is missing path: "/a/b": missing value)"},
      {"{}", R"({"op":"add","value":1})", "add operation failed to decode path: missing value"},
      {"{}", R"({"op":"remove","path":"/x"})",
       "error in remove for path: '/x': Unable to remove nonexistent key: x: missing value"},
      {"{}", R"({"op":"remove","path":"/x/y"})",
       R"(remove operation does not apply: doc is missing path: "/x/y": missing value)"},
      {"{}", R"({"op":"remove"})", "remove operation failed to decode path: missing value"},
      {R"({"l":[1]})", R"({"op":"add","path":"/l/2","value":1})",
       "error in add for path: '/l/2': Unable to access invalid index: 2: invalid index "
       "referenced"},
      {R"({"l":[1]})", R"({"op":"add","path":"/l/-3","value":1})",
       "error in add for path: '/l/-3': Unable to access invalid index: -3: "
       "invalid index referenced"},
      {R"({"l":[1]})", R"({"op":"add","path":"/l/x","value":1})",
       "error in add for path: '/l/x': value was not a proper array index: 'x': "
       "strconv.Atoi: parsing \"x\": invalid syntax"},
      {R"({"l":[1]})", R"({"op":"remove","path":"/l/99999999999999999999"})",
       "error in remove for path: '/l/99999999999999999999': strconv.Atoi: parsing "
       "\"99999999999999999999\": value out of range"},
      {R"({"l":[1]})", R"({"op":"remove","path":"/l/1"})",
       "error in remove for path: '/l/1': Unable to access invalid index: 1: "
       "invalid index referenced"},
      {R"({"l":[1]})", R"({"op":"replace","path":"/l/1","value":2})",
       "replace operation does not apply: doc is missing key: /l/1: missing value"},
      {"{}", R"({"op":"replace","path":"/a/b","value":2})",
       "replace operation does not apply: doc is missing path: /a/b: missing value"},
      {"{}", R"({"op":"replace","value":2})",
       "replace operation failed to decode path: operation missing path field: missing value"},
      {"{}", R"({"op":"move","from":"/x","path":"/y"})",
       "error in move for path: 'x': Unable to remove nonexistent key: x: missing value"},
      {"{}", R"({"op":"move","from":"/x/y","path":"/y"})",
       "move operation does not apply: doc is missing from path: /x/y: missing value"},
      {R"({"a":1})", R"({"op":"move","from":"/a","path":"/x/y"})",
       "move operation does not apply: doc is missing destination path: /x/y: missing value"},
      {"{}", R"({"op":"copy","path":"/y"})",
       "copy operation failed to decode from: operation, missing from field: missing value"},
      {R"({"a":1})", R"({"op":"copy","from":"/a","path":"/x/y"})",
       "copy operation does not apply: doc is missing destination path: /x/y: missing value"},
      {R"({"a":1})", R"({"op":"test","path":"/a","value":2})",
       "testing value /a failed: test failed"},
      {R"({"a":1})", R"({"op":"test","path":"/a","value":1.0})",
       "testing value /a failed: test failed"},
      {R"({"a":1})", R"({"op":"test","path":"/a","value":null})",
       "testing value /a failed: test failed"},
      {R"({"a":1})", R"({"op":"test","path":"/x","value":1})",
       "testing value /x failed: test failed"},
      {R"({"a":1})", R"({"op":"test","path":"/x/y","value":1})",
       "test operation does not apply: is missing path: /x/y: missing value"},
      {R"({"l":[]})", R"({"op":"test","path":"/l/0","value":1})",
       "error in test for path: '/l/0': Unable to access invalid index: 0: invalid index "
       "referenced"},
      {"{}", R"({"op":"frob","path":"/a"})", "Unexpected kind: frob"},
      {"{}", R"({"path":"/a"})", "Unexpected kind: unknown"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.document, row.operation);
    const absl::Status status =
        Patch(row.document, absl::StrCat("[", row.operation, "]").c_str()).status();
    CHECK(status.code() == absl::StatusCode::kFailedPrecondition);
    CHECK(status.message() == row.error);
  }
}

TEST_CASE("a patch that is no list of objects, or too long, is refused", "[value]") {
  CHECK_THAT(Patch("{}", R"({"op":"add"})").status(),
             StatusIs(absl::StatusCode::kInvalidArgument,
                      "json: cannot unmarshal object into Go value of type jsonpatch.Patch"));
  CHECK_THAT(Patch("{}", R"(["x"])").status(),
             StatusIs(absl::StatusCode::kInvalidArgument,
                      "json: cannot unmarshal string into Go value of type jsonpatch.Operation"));
  CHECK_THAT(
      Patch("{}", R"([{"op":"add","path":"/a"},{"op":"add","path":"/b"}])", {.max_operations = 1})
          .status(),
      StatusIs(absl::StatusCode::kResourceExhausted,
               "The allowed maximum operations in a JSON patch is 1, got 2"));
}

TEST_CASE("copies are bounded together", "[value]") {
  const char* const patch =
      R"([{"op":"copy","from":"/a","path":"/b"},{"op":"copy","from":"/a","path":"/c"}])";
  CHECK(Patch(R"({"a":"12345678"})", patch, {.max_copied_bytes = 20}).ok());
  CHECK_THAT(Patch(R"({"a":"12345678"})", patch, {.max_copied_bytes = 19}).status(),
             StatusIs(absl::StatusCode::kFailedPrecondition,
                      "size increase of copy is 20, exceeding the limit 19"));
}

TEST_CASE("a key is escaped for a pointer", "[value]") {
  CHECK(EscapeJsonPointer("a/b~c") == "a~1b~0c");
}

}  // namespace
}  // namespace sluice::value
