// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/schema/formats.h"

#include <catch2/catch.hpp>
#include <vector>

namespace sluice::devapi {
namespace {

TEST_CASE("a format accepts what it describes and nothing else", "[devapi]") {
  struct Row {
    const char* format;
    std::vector<const char*> good;
    std::vector<const char*> bad;
  };
  const Row rows[] = {
      {"date-time",
       {"2020-01-01T00:00:00Z", "2024-02-29t23:59:59.123+01:00"},
       {"2020-01-01", "2023-02-29T00:00:00Z", "2020-01-01T24:00:00Z", "2020-01-01T00:00:00", "x"}},
      {"date", {"2020-12-31"}, {"2020-13-01", "20-1-1", ""}},
      {"duration", {"1h30m", "5s", "3 days", "0"}, {"x", "", "1 parsec"}},
      {"byte", {"", "aGk=", "AAAA"}, {"!!", "aGk"}},
      {"uuid", {"123e4567-e89b-12d3-a456-426614174000"}, {"123e4567", ""}},
      {"uri", {"/x", "http://a/b", "urn:x"}, {"::", "relative/path", ""}},
      {"ipv4", {"1.2.3.4"}, {"1.2.3", "::1", "1.2.3.400"}},
      {"ipv6", {"::1", "2001:db8::"}, {"1.2.3.4", "x"}},
      {"cidr", {"10.0.0.0/8", "::/0"}, {"10.0.0.0", "10.0.0.0/33", "x/8"}},
      {"hostname", {"a.example.com", "a"}, {"-a", "a..b"}},
      {"email", {"a@b.c"}, {"a", "@b"}},
      {"mac", {"01:23:45:67:89:ab"}, {"01:23", ""}},
      {"int32", {"anything"}, {}},
      {"unheard-of", {"anything"}, {}},
  };
  for (const Row& row : rows) {
    for (const char* text : row.good) {
      CAPTURE(row.format, text);
      CHECK(MatchesFormat(row.format, text));
    }
    for (const char* text : row.bad) {
      CAPTURE(row.format, text);
      CHECK_FALSE(MatchesFormat(row.format, text));
    }
  }
}

}  // namespace
}  // namespace sluice::devapi
