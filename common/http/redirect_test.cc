// SPDX-License-Identifier: Apache-2.0
#include "common/http/redirect.h"

#include <catch2/catch.hpp>

#include "common/testing/status_matchers.h"

namespace sluice::http {
namespace {

using ::sluice::testing::StatusIs;

TEST_CASE("a redirect's target is resolved against where it came from", "[http]") {
  struct Row {
    const char* location;
    const char* target;
  };
  const Url base = Url::Parse("http://a.test:81/b/c/d?q").value();
  const Row rows[] = {
      {"http://other.test/x", "http://other.test/x"},
      {"https://other.test/x?y", "https://other.test/x?y"},
      {"//other.test/x", "http://other.test/x"},
      {"/x/y?z", "http://a.test:81/x/y?z"},
      {"e", "http://a.test:81/b/c/e"},
      {"../e?f", "http://a.test:81/b/e?f"},
      {"../../../../e", "http://a.test:81/e"},
      {"./", "http://a.test:81/b/c/"},
      {"?z", "http://a.test:81/b/c/d?z"},
      {"e?u=http://x", "http://a.test:81/b/c/e?u=http://x"},
      {"#f", "http://a.test:81/b/c/d?q"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.location);
    CHECK(ResolveRedirect(base, row.location).value().Redacted() == row.target);
  }
}

TEST_CASE("redirects out of TLS or HTTP are refused", "[http]") {
  const Url base = Url::Parse("https://a.test/").value();
  CHECK_THAT(ResolveRedirect(base, "http://a.test/").status(),
             StatusIs(absl::StatusCode::kFailedPrecondition, "it would leave TLS"));
  for (const char* location : {"ftp://a.test/", "file:///etc/passwd", "https://", "mailto:a@b"}) {
    CAPTURE(location);
    CHECK(absl::IsInvalidArgument(ResolveRedirect(base, location).status()));
  }
}

TEST_CASE("origins are scheme, host and effective port", "[http]") {
  const auto same = [](const char* a, const char* b) {
    return SameOrigin(Url::Parse(a).value(), Url::Parse(b).value());
  };
  CHECK(same("https://a.test/x", "https://A.test:443/y"));
  CHECK_FALSE(same("https://a.test", "http://a.test"));
  CHECK_FALSE(same("https://a.test", "https://a.test:8443"));
  CHECK_FALSE(same("https://a.test", "https://b.test"));
}

}  // namespace
}  // namespace sluice::http
