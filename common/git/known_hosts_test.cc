// SPDX-License-Identifier: Apache-2.0
#include "common/git/known_hosts.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

constexpr char kKeyText[] = "AAAAC3NzaC1lZDI1NTE5AAAAIJrsBLB4JhasxJxAB1CHej5ORgXVNkiJ14dgFErxHMzF";

std::string Key() {
  std::string key;
  REQUIRE(absl::Base64Unescape(kKeyText, &key));
  return key;
}

// Another key of the type.
std::string OtherKey() {
  std::string key = Key();
  key.back() ^= 1;
  return key;
}

std::string Line(absl::string_view hosts) { return absl::StrCat(hosts, " ssh-ed25519 ", kKeyText); }

TEST_CASE("a host may show the keys that are listed for it", "[git]") {
  struct Row {
    const char* hosts;
    const char* host;
    int port;
    bool known;
  };
  // The hashed ones are what `ssh-keygen -H` made of "git.example.org" and
  // "[git.example.org]:2222".
  const char* const hashed = "|1|KKBZLov2L8I0tlgT0RW51uUuF9U=|yNfbGG/A24ID5QDXrxUf07kGGJs=";
  const char* const hashed_port = "|1|N5xwlUYpAb1ndzjjcBAtzNwrgPI=|5/8562ozNosrAtkYFIqxRzotqcA=";
  const Row rows[] = {
      {"git.example.org", "git.example.org", 22, true},
      {"git.example.org", "GIT.example.org", 22, true},
      {"git.example.org", "git.example.org", 2222, false},
      {"git.example.org", "xgit.example.org", 22, false},
      {"[git.example.org]:2222", "git.example.org", 2222, true},
      {"[git.example.org]:2222", "git.example.org", 22, false},
      {"[git.example.org]:22", "git.example.org", 22, true},
      {"a,git.example.org,b", "git.example.org", 22, true},
      {"*.example.org", "git.example.org", 22, true},
      {"*.example.org", "git.example.com", 22, false},
      {"g?t.example.org", "git.example.org", 22, true},
      {"*.example.org,!git.example.org", "git.example.org", 22, false},
      {"*.example.org,!git.example.org", "svn.example.org", 22, true},
      {"!git.example.org", "svn.example.org", 22, false},
      {"[*]:2222", "git.example.org", 2222, true},
      {"*", "::1", 22, true},
      {hashed, "git.example.org", 22, true},
      {hashed, "git.example.org", 2222, false},
      {hashed, "git.example.com", 22, false},
      {hashed_port, "git.example.org", 2222, true},
      {hashed_port, "git.example.org", 22, false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.hosts, row.host, row.port);
    const KnownHosts known = KnownHosts::Parse(Line(row.hosts)).value();
    if (row.known) {
      CHECK_THAT(known.Check(row.host, row.port, Key()), IsOk());
      CHECK_THAT(known.Check(row.host, row.port, OtherKey()),
                 StatusIs(absl::StatusCode::kPermissionDenied, "knownhosts: key mismatch"));
      CHECK(known.KeyTypes(row.host, row.port) == std::vector<std::string>{"ssh-ed25519"});
    } else {
      CHECK_THAT(known.Check(row.host, row.port, Key()),
                 StatusIs(absl::StatusCode::kPermissionDenied, "knownhosts: key is unknown"));
      CHECK(known.KeyTypes(row.host, row.port).empty());
    }
  }
}

TEST_CASE("markers, comments and several keys of a host", "[git]") {
  const std::string other = absl::Base64Escape(OtherKey());
  const KnownHosts known =
      KnownHosts::Parse(absl::StrCat("# a comment\n\n  ", Line("h"), " and a comment\r\n",
                                     "h ssh-ed25519 ", other, "\n", "@cert-authority ", Line("ca"),
                                     "\n"))
          .value();
  CHECK_THAT(known.Check("h", 22, Key()), IsOk());
  CHECK_THAT(known.Check("h", 22, OtherKey()), IsOk());
  CHECK(known.KeyTypes("h", 22).size() == 1);
  CHECK_THAT(known.Check("ca", 22, Key()),
             StatusIs(absl::StatusCode::kPermissionDenied, "unknown"));

  const KnownHosts revoked = KnownHosts::Parse(Line("h") + "\n@revoked " + Line("*")).value();
  CHECK_THAT(revoked.Check("h", 22, Key()),
             StatusIs(absl::StatusCode::kPermissionDenied, "knownhosts: key is revoked"));
}

TEST_CASE("lines that are no entries are refused", "[git]") {
  for (const std::string& text :
       {std::string("git.example.org"), std::string("git.example.org ssh-rsa"),
        std::string("git.example.org ssh-rsa !!!"), std::string("git.example.org ssh-rsa AAAA"),
        Line("!"), Line("|2|KKBZ|yNfb"), Line("|1|KKBZ"), Line("|1|K*|yNfb"), Line("@who h"),
        std::string(2 << 20, '#')}) {
    CAPTURE(text.substr(0, 80));
    CHECK_THAT(KnownHosts::Parse(text).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, "knownhosts: "));
  }
  CHECK_THAT(KnownHosts::Parse("")->Check("h", 22, Key()),
             StatusIs(absl::StatusCode::kPermissionDenied, "knownhosts: key is unknown"));
}

}  // namespace
}  // namespace sluice::git
