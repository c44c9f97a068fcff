// SPDX-License-Identifier: Apache-2.0
#include "common/http/message.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::http {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("header names compare without regard to case", "[http]") {
  Headers headers = {{"Content-Type", "text/plain"}, {"X-A", "1"}};
  headers.Add("x-a", "2");
  CHECK(headers.Get("content-type") == "text/plain");
  CHECK(headers.Get("X-A") == "1");
  CHECK(headers.Get("absent").empty());
  headers.Set("X-a", "3");
  CHECK(headers.fields().size() == 2);
  CHECK(headers.Get("x-a") == "3");
  headers.Remove("CONTENT-TYPE");
  CHECK_FALSE(headers.Has("Content-Type"));
}

TEST_CASE("escapes keep unreserved characters and come back as they were", "[http]") {
  CHECK(EscapePathSegment("a/b c~.-_%") == "a%2Fb%20c~.-_%25");
  CHECK(EscapeQuery("\xc3\xa9=&+") == "%C3%A9%3D%26%2B");
  struct Row {
    const char* escaped;
    bool plus_is_blank;
    const char* plain;
  };
  for (const Row& row :
       {Row{"a%2Fb", false, "a/b"}, Row{"a+b", true, "a b"}, Row{"a+b", false, "a+b"},
        Row{"100%", false, "100%"}, Row{"%4", false, "%4"}, Row{"%zz%41", false, "%zzA"}}) {
    CAPTURE(row.escaped);
    CHECK(Unescape(row.escaped, row.plus_is_blank) == row.plain);
  }
}

TEST_CASE("a URL is cut into its parts", "[http]") {
  struct Row {
    const char* text;
    const char* scheme;
    const char* userinfo;
    const char* host;
    int port;
    const char* path;
    const char* query;
    const char* redacted;
  };
  const Row rows[] = {
      {"http://a.test", "http", "", "a.test", 0, "", "", "http://a.test"},
      {"HTTPS://a.test:8443/x/y?q=1&r=/#f", "https", "", "a.test", 8443, "/x/y", "q=1&r=/",
       "https://a.test:8443/x/y?q=1&r=/"},
      {"https://user:p%40ss@a.test/x", "https", "user:p%40ss", "a.test", 0, "/x", "",
       "https://a.test/x"},
      {"http://[::1]:80/", "http", "", "::1", 80, "/", "", "http://[::1]:80/"},
      {"http://a.test?x", "http", "", "a.test", 0, "", "x", "http://a.test?x"},
      {"oci://ghcr.io/org/chart", "oci", "", "ghcr.io", 0, "/org/chart", "",
       "oci://ghcr.io/org/chart"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Url url = Url::Parse(row.text).value();
    CHECK(url.scheme == row.scheme);
    CHECK(url.userinfo == row.userinfo);
    CHECK(url.host == row.host);
    CHECK(url.port == row.port);
    CHECK(url.path == row.path);
    CHECK(url.query == row.query);
    CHECK(url.Redacted() == row.redacted);
  }
}

TEST_CASE("text that is not a URL is refused, without its password", "[http]") {
  for (const char* text :
       {"", "a.test/x", "://a.test", "1http://a.test", "http://a.test:0", "http://a.test:65536",
        "http://a.test:x", "http://[::1", "http://[::1]x", "http://a b/", "http://a\r\nb/"}) {
    CAPTURE(text);
    CHECK_THAT(Url::Parse(text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "parse URL \""));
  }
  const absl::Status refusal = Url::Parse("http://user:hunter2@a.test:x/").status();
  CHECK_THAT(refusal, StatusIs(absl::StatusCode::kInvalidArgument, "\"http://a.test:x/\""));
}

}  // namespace
}  // namespace sluice::http
