// SPDX-License-Identifier: Apache-2.0
#include "common/jsonschema/url.h"

#include <catch2/catch.hpp>
#include <string>

namespace sluice::jsonschema {
namespace {

// As Go 1.26's net/url joins and prints.
TEST_CASE("references are resolved against their base", "[jsonschema]") {
  struct Row {
    const char* base;
    const char* reference;
    const char* result;
  };
  const Row rows[] = {
      {"file:///values.schema.json", "", "file:///values.schema.json"},
      {"file:///values.schema.json", "defs.json", "file:///defs.json"},
      {"file:///values.schema.json", "./x/../y.json", "file:///y.json"},
      {"file:///values.schema.json", "../../y", "file:///y"},
      {"http://a/b/c?q", "", "http://a/b/c?q"},
      {"http://a/b/c?q", "d?", "http://a/b/d?"},
      {"http://a/b/c", "/d/./e/..", "http://a/d/"},
      {"http://a/b/c", "//h:80/x", "http://h:80/x"},
      {"http://a/b/c", "https://u:p%40@h", "https://u:p%40@h"},
      {"http://a/b/c", "d e/%20é", "http://a/b/d%20e/%20%C3%A9"},
      {"http://a", "b", "http://a/b"},
      {"urn:a:b", "", "urn:a:b"},
      {"urn:a:b", "urn:c", "urn:c"},
      {"HTTP://A/b", "c", "http://A/c"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.base, row.reference);
    const Url base = Url::Parse(row.base).value();
    CHECK(base.Resolve(Url::Parse(row.reference).value()).String() == row.result);
  }
}

TEST_CASE("pointers are escaped in fragments and found again", "[jsonschema]") {
  CHECK(EscapePointer("/a b/ü/x;y/$") == "/a%20b/%C3%BC/x%3By/$");
  CHECK(PathUnescape("/a%20b/%C3%BC").value() == "/a b/ü");
  CHECK(PathUnescape("a+b").value() == "a+b");
  CHECK(PathUnescape("%4").status().message() == "invalid URL escape \"%4\"");
  CHECK(SplitFragment("a#b#c") == std::pair<absl::string_view, absl::string_view>("a", "b#c"));
}

}  // namespace
}  // namespace sluice::jsonschema
