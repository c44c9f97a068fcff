// SPDX-License-Identifier: Apache-2.0
#include "common/pgp/signing_key.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "common/pgp/key_ring.h"
#include "common/testing/status_matchers.h"

namespace sluice::pgp {
namespace {

using ::sluice::testing::StatusIs;

std::string File(const std::string& name) {
  std::ifstream stream("common/pgp/testdata/" + name, std::ios::binary);
  std::stringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST_CASE("what a secret key signs its public half verifies", "[pgp]") {
  struct Row {
    const char* name;
    const char* passphrase;
  };
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  for (const Row& row : {Row{"signer", ""}, Row{"signer", "of no use"},
                         Row{"signer-locked", "open sesame"}, Row{"signer-subkey", ""}}) {
    CAPTURE(row.name);
    const std::string name = row.name;
    const auto key =
        SigningKey::Parse(Secret(File(name + ".sec.asc")), Secret(std::string(row.passphrase)));
    REQUIRE_THAT(key.status(), testing::IsOk());
    const std::string signature = key->Sign("payload", now).value();
    CHECK(absl::StartsWith(signature, "-----BEGIN PGP SIGNATURE-----\n"));
    CHECK_FALSE(absl::StrContains(signature, "\r"));
    const KeyRing ring = KeyRing::Parse(File(name + ".asc")).value();
    CHECK_THAT(ring.Verify("payload", signature, now).status(), testing::IsOk());
    CHECK_FALSE(ring.Verify("Payload", signature, now).ok());
  }
}

TEST_CASE("what cannot sign is refused", "[pgp]") {
  struct Row {
    const char* name;
    std::string armoured;
    std::string passphrase;
    absl::StatusCode code;
    const char* message;
  };
  using Code = absl::StatusCode;
  const std::string signer = File("signer.sec.asc");
  const Row rows[] = {
      {"nothing", "", "", Code::kInvalidArgument, "no armored data found"},
      {"garbage", "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nxx\n", "", Code::kInvalidArgument,
       "no keys in the armored data"},
      {"public", File("signer.asc"), "", Code::kInvalidArgument, "the key cannot sign"},
      {"two", signer + File("signer-subkey.sec.asc"), "", Code::kInvalidArgument,
       "multiple entities"},
      {"no passphrase", File("signer-locked.sec.asc"), "", Code::kPermissionDenied,
       "the private key is encrypted"},
      {"wrong passphrase", File("signer-locked.sec.asc"), "sesame", Code::kPermissionDenied,
       "the passphrase of the private key is wrong"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    CHECK_THAT(SigningKey::Parse(Secret(row.armoured), Secret(row.passphrase)).status(),
               StatusIs(row.code, row.message));
  }
}

}  // namespace
}  // namespace sluice::pgp
