// SPDX-License-Identifier: Apache-2.0
#include "common/http/proxy_rules.h"

#include <catch2/catch.hpp>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::http {
namespace {

using ::sluice::testing::StatusIs;

using Variables = std::map<std::string, std::string>;

absl::StatusOr<ProxyRules> Rules(const Variables& variables) {
  return ProxyRules::FromEnvironment([&variables](const std::string& name) {
    const auto it = variables.find(name);
    return it == variables.end() ? std::string() : it->second;
  });
}

// The proxy's origin, or "direct".
std::string Chosen(const Variables& variables, const char* target) {
  const auto proxy = Rules(variables).value().For(Url::Parse(target).value());
  return proxy.has_value() ? proxy->Origin() : "direct";
}

// The rows follow the documented rules of golang.org/x/net/http/httpproxy.
TEST_CASE("NO_PROXY names what is reached directly", "[http]") {
  struct Row {
    const char *no_proxy, *target;
    bool direct;
  };
  const Row rows[] = {
      {"", "http://example.com/", false},
      {"", "http://localhost/", true},
      {"", "http://127.0.0.1:8080/", true},
      {"", "http://127.3.2.1/", true},
      {"", "http://[::1]/", true},
      {"*", "http://example.com/", true},
      {" *, x", "http://example.com/", true},
      {"example.com", "http://example.com/", true},
      {"example.com", "http://EXAMPLE.com/", true},
      {"Example.com", "http://www.example.com/", true},
      {"example.com", "http://notexample.com/", false},
      {".example.com", "http://example.com/", false},
      {".example.com", "http://www.example.com/", true},
      {"*.example.com", "http://example.com/", false},
      {"*.example.com", "http://a.b.example.com/", true},
      {"example.com:8080", "http://example.com:8080/", true},
      {"example.com:8080", "http://example.com/", false},
      {"example.com:80", "http://example.com/", true},
      {"example.com:443", "https://example.com/", true},
      {"10.0.0.0/8", "http://10.1.2.3/", true},
      {"10.0.0.0/8", "http://11.1.2.3/", false},
      {"10.0.0.0/9", "http://10.128.0.1/", false},
      {"0.0.0.0/0", "http://8.8.8.8/", true},
      {"0.0.0.0/0", "http://[2001:db8::1]/", false},
      {"2001:db8::/32", "http://[2001:db8:1::1]/", true},
      {"2001:db8::/32", "http://[2001:db9::1]/", false},
      {"192.0.2.1", "http://192.0.2.1/", true},
      {"192.0.2.1:80", "http://192.0.2.1/", true},
      {"192.0.2.1:81", "http://192.0.2.1/", false},
      {"[2001:db8::1]:80", "http://[2001:db8::1]/", true},
      {"2001:db8::1", "http://[2001:db8::1]:99/", true},
      {"a,,b , example.com", "http://example.com/", true},
      {"10.0.0.0/99", "http://10.0.0.1/", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.no_proxy, row.target);
    const Variables variables = {
        {"HTTP_PROXY", "http://p:1"}, {"HTTPS_PROXY", "http://p:1"}, {"NO_PROXY", row.no_proxy}};
    CHECK(Chosen(variables, row.target) == (row.direct ? "direct" : "http://p:1"));
  }
}

TEST_CASE("each scheme has its variable, upper case before lower case", "[http]") {
  CHECK(Chosen({}, "http://a/") == "direct");
  CHECK(Chosen({{"HTTP_PROXY", "http://p"}}, "http://a/") == "http://p");
  CHECK(Chosen({{"HTTP_PROXY", "http://p"}}, "https://a/") == "direct");
  CHECK(Chosen({{"https_proxy", "https://p"}}, "https://a/") == "https://p");
  CHECK(Chosen({{"HTTPS_PROXY", "http://q"}, {"https_proxy", "http://p"}}, "https://a/") ==
        "http://q");
  CHECK(Chosen({{"HTTP_PROXY", "p.example:3128"}}, "http://a/") == "http://p.example:3128");
  CHECK(Chosen({{"HTTP_PROXY", "socks5://p:1080"}}, "http://a/") == "socks5://p:1080");
  // For what is no HTTP.
  CHECK(Chosen({{"ALL_PROXY", "socks5://p"}}, "http://a/") == "direct");
  const ProxyRules rules = Rules({{"ALL_PROXY", "socks5://p"}, {"no_proxy", "b.example"}}).value();
  CHECK(rules.ForConnection("a.example", 22).has_value());
  CHECK_FALSE(rules.ForConnection("b.example", 22).has_value());
  CHECK_FALSE(Rules({{"HTTP_PROXY", "http://p"}})->ForConnection("a.example", 22).has_value());
}

TEST_CASE("a proxy that is given for all is used for all", "[http]") {
  const auto rules = ProxyRules::Fixed("https://user:hunter2@p:1");
  REQUIRE(rules.ok());
  CHECK(rules->For(Url::Parse("http://127.0.0.1/").value()).has_value());
  CHECK(rules->For(Url::Parse("https://a/").value())->userinfo == "user:hunter2");
  CHECK(rules->ForConnection("localhost", 22).has_value());
}

TEST_CASE("what is no proxy is refused without its user info", "[http]") {
  for (const char* text : {"ftp://user:hunter2@p", "http://", "://"}) {
    CAPTURE(text);
    const absl::Status refused = ProxyRules::Fixed(text).status();
    CHECK_THAT(refused, StatusIs(absl::StatusCode::kInvalidArgument, "proxy"));
    CHECK_FALSE(absl::StrContains(refused.message(), "hunter2"));
  }
  CHECK_THAT(Rules({{"HTTPS_PROXY", "ftp://p"}}).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "HTTPS_PROXY: proxy \"ftp://p"));
}

}  // namespace
}  // namespace sluice::http
