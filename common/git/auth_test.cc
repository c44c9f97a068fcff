// SPDX-License-Identifier: Apache-2.0
#include "common/git/auth.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::git {
namespace {

using ::sluice::testing::StatusIs;

using Data = std::map<std::string, std::string>;

TEST_CASE("HTTP credentials come from the secret, then from the URL", "[git]") {
  const Auth basic =
      AuthFromSecret("https://git.example.org/r", {{"username", "u"}, {"password", "p"}}).value();
  CHECK(basic.username == "u");
  CHECK(basic.password.Reveal() == "p");

  const Auth from_url = AuthFromSecret("https://me:s%40cret@git.example.org/r", {}).value();
  CHECK(from_url.username == "me");
  CHECK(from_url.password.Reveal() == "s@cret");

  const Auth token = AuthFromSecret("https://git.example.org/r", {{"bearerToken", "t"},
                                                                  {"username", "u"},
                                                                  {"password", "p"},
                                                                  {"ca.crt", "CA"},
                                                                  {"caFile", "OLD"},
                                                                  {"tls.crt", "C"},
                                                                  {"tls.key", "K"}})
                         .value();
  CHECK(token.bearer_token.Reveal() == "t");
  CHECK(token.username.empty());
  CHECK(token.password.empty());
  CHECK(token.ca_pem == "CA");
  CHECK(token.client_certificate_pem == "C");
  CHECK(token.client_key_pem.Reveal() == "K");

  CHECK(AuthFromSecret("https://h/r", {{"caFile", "OLD"}})->ca_pem == "OLD");
  CHECK(AuthFromSecret("http://h/r", {{"username", "only"}})->username == "only");
  CHECK(AuthFromSecret("http://h/r", {{"unknown", "x"}})->username.empty());
}

TEST_CASE("SSH credentials need an identity and known hosts", "[git]") {
  const Auth auth =
      AuthFromSecret("ssh://h/r", {{"identity", "I"}, {"known_hosts", "H"}, {"password", "P"}})
          .value();
  CHECK(auth.username == "git");
  CHECK(auth.identity.Reveal() == "I");
  CHECK(auth.passphrase.Reveal() == "P");
  CHECK(auth.password.empty());
  CHECK(AuthFromSecret("ssh://me@h/r", {{"identity", "I"}, {"known_hosts", "H"}})->username ==
        "me");
}

TEST_CASE("credentials that cannot be used are refused in Flux's words", "[git]") {
  struct Row {
    const char* url;
    Data data;
    const char* message;
  };
  const Row rows[] = {
      {"ssh://h/r", {}, "invalid 'ssh' auth option: 'identity' is required"},
      {"ssh://h/r", {{"identity", "I"}}, "invalid 'ssh' auth option: 'known_hosts' is required"},
      {"https://h/r",
       {{"password", "p"}},
       "invalid 'https' auth option: 'password' requires 'username' to be set"},
      {"http://u:p@h/r",
       {{"bearerToken", "t"}},
       "basic auth and bearer token cannot be set at the same time"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.url);
    CHECK_THAT(AuthFromSecret(row.url, row.data).status(),
               StatusIs(absl::StatusCode::kInvalidArgument, row.message));
  }
}

TEST_CASE("encrypted keys are recognised in all their forms", "[git]") {
  const auto openssh = [](absl::string_view cipher) {
    std::string body("openssh-key-v1\0\0\0\0", 18);
    body.push_back(static_cast<char>(cipher.size()));
    absl::StrAppend(&body, cipher, std::string(64, 'x'));
    return Secret(absl::StrCat("-----BEGIN OPENSSH PRIVATE KEY-----\n", absl::Base64Escape(body),
                               "\n-----END OPENSSH PRIVATE KEY-----\n"));
  };
  CHECK(IsEncryptedKey(openssh("aes256-ctr")));
  CHECK_FALSE(IsEncryptedKey(openssh("none")));
  CHECK(IsEncryptedKey(Secret("-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII\n")));
  CHECK(IsEncryptedKey(Secret("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n")));
  CHECK_FALSE(IsEncryptedKey(Secret("-----BEGIN RSA PRIVATE KEY-----\nMII\n")));
  CHECK_FALSE(IsEncryptedKey(Secret("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END")));
  CHECK_FALSE(IsEncryptedKey(Secret("")));
}

}  // namespace
}  // namespace sluice::git
