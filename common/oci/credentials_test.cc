// SPDX-License-Identifier: Apache-2.0
#include "common/oci/credentials.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::oci {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

// The user found for a repository, "" if none.
std::string UserFor(const Keyring& keyring, absl::string_view repository) {
  const auto found = keyring.Find(ParseRepository(repository).value());
  return found.has_value() ? found->username : "";
}

TEST_CASE("keys fit registries as Kubernetes matches them", "[oci]") {
  struct Row {
    const char* key;
    const char* repository;
    bool fits;
  };
  const Row rows[] = {
      {"ghcr.io", "ghcr.io/org/app", true},
      {"https://ghcr.io", "ghcr.io/org/app", true},
      {"ghcr.io/", "ghcr.io/org/app", true},
      {"ghcr.io/org", "ghcr.io/org/app", true},
      {"ghcr.io/other", "ghcr.io/org/app", false},
      {"ghcr.io:443", "ghcr.io/org/app", false},
      {"host:5000", "host:5000/org/app", true},
      {"host:5000", "host:5001/org/app", false},
      {"*.example.com", "reg.example.com/org/app", true},
      {"*.example.com", "example.com/org/app", false},
      {"*.example.com", "a.b.example.com/org/app", false},
      {"re*.example.com:80", "reg.example.com:80/org/app", true},
      {"https://index.docker.io/v1/", "alpine", true},
      {"https://index.docker.io/v2/", "docker.io/org/app", true},
      {"docker.io", "alpine", true},
      {"index.docker.io", "org/app", true},
      {"ghcr.io.evil.com", "ghcr.io/org/app", false},
      {"evil.com/ghcr.io", "ghcr.io/org/app", false},
      {"[::1]:5000", "[::1]:5000/org/app", true},
  };
  for (const Row& row : rows) {
    CAPTURE(row.key, row.repository);
    Keyring keyring;
    REQUIRE(keyring
                .AddDockerConfigJson(absl::StrCat(R"({"auths":{")", row.key,
                                                  R"(":{"username":"u","password":"p"}}})"))
                .ok());
    CHECK(UserFor(keyring, row.repository) == (row.fits ? "u" : ""));
  }
}

TEST_CASE("the longer path goes first, and the earlier secret", "[oci]") {
  Keyring keyring;
  CHECK(keyring.empty());
  CHECK_THAT(keyring.AddDockerConfigJson(R"({"auths":{
      "ghcr.io":{"username":"all"},"ghcr.io/org":{"username":"org"},
      "ghcr.io/org/app":{"username":"app"}}})"),
             IsOk());
  CHECK_THAT(keyring.AddDockerCfg(R"({"ghcr.io":{"username":"late"},"quay.io":{"username":"q"}})"),
             IsOk());
  CHECK(UserFor(keyring, "ghcr.io/org/app") == "app");
  CHECK(UserFor(keyring, "ghcr.io/org/other") == "org");
  CHECK(UserFor(keyring, "ghcr.io/other/x") == "all");
  CHECK(UserFor(keyring, "quay.io/a/b") == "q");
  CHECK(UserFor(keyring, "gcr.io/a/b").empty());
}

TEST_CASE("an entry holds a password, an encoded pair or tokens", "[oci]") {
  Keyring keyring;
  REQUIRE(keyring
              .AddDockerConfigJson(R"({"auths":{
      "a.io":{"username":"u","password":"p"},
      "b.io":{"auth":"dXNlcjpwYXNzOndvcmQ="},
      "c.io":{"identitytoken":"refresh"},
      "d.io":{"registrytoken":"bearer"},
      "e.io":{}}})")
              .ok());
  const auto at = [&](const char* host) {
    return *keyring.Find(ParseRepository(absl::StrCat(host, "/a/b")).value());
  };
  CHECK(at("a.io").password.Reveal() == "p");
  CHECK(at("b.io").username == "user");
  CHECK(at("b.io").password.Reveal() == "pass:word");
  CHECK(at("c.io").identity_token.Reveal() == "refresh");
  CHECK(at("d.io").registry_token.Reveal() == "bearer");
  CHECK(at("e.io").anonymous());
  CHECK_FALSE(at("d.io").anonymous());
}

TEST_CASE("a broken configuration is refused without telling its secrets", "[oci]") {
  for (const char* text :
       {"", "[]", "{\"auths\":{\"a.io\":\"hunter2\"}}", R"({"auths":{"a.io":{"auth":"hunter2!"}}})",
        R"({"auths":{"a.io":{"auth":"aHVudGVyMg=="}}})", "hunter2"}) {
    CAPTURE(text);
    Keyring keyring;
    const absl::Status status = keyring.AddDockerConfigJson(text);
    CHECK_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument));
    CHECK_FALSE(absl::StrContains(status.message(), "hunter2"));
  }
}

}  // namespace
}  // namespace sluice::oci
