// SPDX-License-Identifier: Apache-2.0
#include "common/pgp/secret_key_ring.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"

namespace sluice::pgp {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

// Made by gpg; testdata/README.md tells how.
std::string File(absl::string_view name) {
  std::ifstream in(absl::StrCat("common/pgp/testdata/", name), std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

SecretKeyRing Ring(std::initializer_list<absl::string_view> names) {
  SecretKeyRing ring;
  for (const absl::string_view name : names) {
    REQUIRE_THAT(ring.Import(Secret(File(name))), IsOk());
  }
  return ring;
}

TEST_CASE("messages by gpg are decrypted by the key that they are for", "[pgp]") {
  struct Row {
    std::initializer_list<absl::string_view> keys;
    const char* message;
  };
  const Row rows[] = {{{"secret_fixture.asc"}, "secret_fixture.msg"},  // RSA
                      {{"secret_edwards.asc"}, "secret_edwards.msg"},  // Curve25519
                      {{"secret_edwards.asc", "secret_fixture.asc"}, "secret_fixture.msg"},
                      {{"secret_edwards.asc", "secret_fixture.asc"}, "secret_edwards.msg"}};
  for (const Row& row : rows) {
    CAPTURE(row.message);
    const auto text = Ring(row.keys).Decrypt(File(row.message));
    REQUIRE_THAT(text.status(), IsOk());
    CHECK(text->Reveal() == "hello pgp");
  }
}

TEST_CASE("other messages are refused", "[pgp]") {
  const SecretKeyRing ring = Ring({"secret_fixture.asc"});
  CHECK_THAT(ring.Decrypt(File("secret_edwards.msg")).status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "No secret key"));
  CHECK_THAT(SecretKeyRing().Decrypt(File("secret_fixture.msg")).status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "No secret key"));
  CHECK_THAT(Ring({"secret_locked.asc"}).Decrypt(File("secret_locked.msg")).status(),
             StatusIs(absl::StatusCode::kPermissionDenied, "passphrase"));
  const std::string message = File("secret_fixture.msg");
  CHECK_FALSE(ring.Decrypt("").ok());
  CHECK_FALSE(ring.Decrypt("garbage").ok());
  CHECK_FALSE(ring.Decrypt(message.substr(0, 300)).ok());
  CHECK_FALSE(ring.Decrypt(std::string((size_t{1} << 20) + 1, 'x')).ok());
  // Any change, whether of the wrapped key, the text or its checksum.
  const size_t body = message.find("\n\n") + 2;
  for (size_t i = body; i < message.find("\n=", body); i += 37) {
    std::string changed = message;
    if (changed[i] == '\n') continue;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    if (changed == message) continue;
    CAPTURE(i);
    const auto text = ring.Decrypt(changed);
    CHECK((!text.ok() || text->Reveal() == "hello pgp"));
  }
}

TEST_CASE("what holds no private key is refused", "[pgp]") {
  SecretKeyRing ring;
  for (const std::string& text : {std::string(), std::string("garbage"), File("rsa.asc")}) {
    CHECK_THAT(ring.Import(Secret(text)),
               StatusIs(absl::StatusCode::kInvalidArgument, "no private keys"));
  }
  CHECK(ring.empty());
}

}  // namespace
}  // namespace sluice::pgp
