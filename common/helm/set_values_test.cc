// SPDX-License-Identifier: Apache-2.0
#include "common/helm/set_values.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "common/value/json.h"

namespace sluice::helm {
namespace {

// The values as JSON, or the error.
std::string Result(absl::string_view text, SetForm form, absl::string_view before = "{}",
                   Dialect dialect = Dialect::kHelm4) {
  Value values = value::ParseJson(before).value();
  const absl::Status status = SetValues(
      text, form, dialect, values, [](const std::string& name) -> absl::StatusOr<std::string> {
        if (name == "none") return absl::NotFoundError("open none: no such file or directory");
        return absl::StrCat("<", name, ">");
      });
  return status.ok() ? value::FormatJson(values, {.escape_html = false})
                     : std::string(status.message());
}

struct Row {
  const char* text;
  const char* expected;
};

TEST_CASE("--set makes values of paths", "[helm]") {
  const Row rows[] = {
      {"a=b", R"({"a":"b"})"},
      {"a=1,b=true,c=null,d=1.5,e=010,f=0,g=",
       R"({"a":1,"b":true,"c":null,"d":"1.5","e":"010","f":0,"g":""})"},
      {"a.b.c=1", R"({"a":{"b":{"c":1}}})"},
      {"a[1]=x", R"({"a":[null,"x"]})"},
      {"a[0].b=1,a[0].c=2", R"({"a":[{"b":1,"c":2}]})"},
      {"a[0][1]=x", R"({"a":[[null,"x"]]})"},
      {"a={x,y,1}", R"({"a":["x","y",1]})"},
      {"a={},b=1", R"({"a":[""],"b":1})"},
      {R"(a\.b=c\,d)", R"({"a.b":"c,d"})"},
      {"a", R"(key "a" has no value)"},
      {"a,b=1", R"(key "a" has no value (cannot end with ,))"},
      {"a.=1", R"(key map "a" has no value)"},
      {"a={x", "list must terminate with '}'"},
      {"a[x]=1", R"(error parsing index: strconv.Atoi: parsing "x": invalid syntax)"},
      {"a[99999999999999999999]=1",
       R"(error parsing index: strconv.Atoi: parsing "99999999999999999999": value out of range)"},
      {"a[-1]=1", "negative -1 index not allowed"},
      {"a[65537]=1", "index of 65537 is greater than maximum supported index of 65536"},
      {"a[0]xy=1", "unexpected data at end of array index: ['x' 'y']"},
      {"a=1,a.b=2",
       "unable to parse key: interface conversion: interface {} is int64, not map[string]interface "
       "{}"},
      {"a=1,a[0]=2",
       "unable to parse key: interface conversion: interface {} is int64, not []interface {}"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(Result(row.text, SetForm::kTyped) == row.expected);
  }
}

TEST_CASE("what was set before stays where it is not replaced", "[helm]") {
  CHECK(Result("m.y=2,l[1]=9", SetForm::kTyped, R"({"m":{"x":1},"l":[1,2,3]})") ==
        R"({"l":[1,9,3],"m":{"x":1,"y":2}})");
}

TEST_CASE("nesting is bounded", "[helm]") {
  std::string path = "a";
  for (int i = 0; i < kMaxSetNesting; ++i) path += ".a";
  CHECK(Result(path + "=1", SetForm::kTyped).front() == '{');
  CHECK(Result(path + ".a=1", SetForm::kTyped) ==
        "value name nested level is greater than maximum supported nested level of 30");
}

TEST_CASE("the other forms read what stands on the right differently", "[helm]") {
  CHECK(Result("a=1,b=true", SetForm::kString) == R"({"a":"1","b":"true"})");
  CHECK(Result("a=x,b={y}", SetForm::kFile) == R"({"a":"<x>","b":["<y>"]})");
  CHECK(Result("a=none", SetForm::kFile) == "open none: no such file or directory");
  CHECK(Result(R"(a={"x":[1,2]},b=,c="s")", SetForm::kJson) ==
        R"({"a":{"x":[1,2]},"b":null,"c":"s"})");
  CHECK(Result("a=1,b=c[0]={x}\\", SetForm::kLiteral) == R"({"a":"1,b=c[0]={x}\\"})");
  CHECK(Result("a={bad}", SetForm::kJson).front() != '{');
}

TEST_CASE("an index that does not end is an error in Helm 3 only", "[helm]") {
  CHECK(Result("a[=1", SetForm::kTyped, "{}", Dialect::kHelm3) == "error parsing index: EOF");
  CHECK(Result("a[=1", SetForm::kTyped, "{}", Dialect::kHelm4) == "{}");
}

}  // namespace
}  // namespace sluice::helm
