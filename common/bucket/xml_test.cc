// SPDX-License-Identifier: Apache-2.0
#include "common/bucket/xml.h"

#include <catch2/catch.hpp>

#include "absl/strings/str_cat.h"
#include "common/bucket/object_store.h"
#include "common/testing/status_matchers.h"

namespace sluice::bucket {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("answers in XML are read", "[bucket]") {
  const auto document = ParseXml(
      "\xef\xbb\xbf<?xml version=\"1.0\"?><!-- > --><s:List xmlns:s='x>y' a=\"&lt;\">\n"
      "<Key>a&amp;b &#233;&#xE9; <![CDATA[<c>]]></Key><Empty/><Key>2</Key></s:List>\n");
  REQUIRE(document.ok());
  CHECK(document->name == "List");
  CHECK(document->children.size() == 3);
  CHECK(document->Text("Key") == "a&b éé <c>");
  CHECK(document->Find("Empty") != nullptr);
  CHECK(document->Find("Other") == nullptr);
  CHECK(document->Text("Other") == "");
}

TEST_CASE("what is no XML is refused", "[bucket]") {
  std::string deep;
  for (int i = 0; i < 40; ++i) absl::StrAppend(&deep, "<a>");
  for (const std::string& text :
       {std::string(""), std::string("text"), std::string("<a>"), std::string("<a></b>"),
        std::string("<a/><b/>"), std::string("</a>"), std::string("<a>&unknown;</a>"),
        std::string("<a>&amp</a>"), std::string("<a b='>"), std::string("<a>&#x110000;</a>"),
        std::string("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"), deep}) {
    CAPTURE(text);
    CHECK_THAT(ParseXml(text).status(), StatusIs(absl::StatusCode::kInvalidArgument, "XML"));
  }
}

TEST_CASE("queries of URLs are taken out of messages", "[bucket]") {
  CHECK(WithoutQueries("Get \"https://h/a?sig=SECRET&x=y\": EOF, then http://i?b c?d") ==
        "Get \"https://h/a\": EOF, then http://i c?d");
  CHECK(WithoutQueries("what? no URL") == "what? no URL");
}

}  // namespace
}  // namespace sluice::bucket
