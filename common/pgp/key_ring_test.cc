// SPDX-License-Identifier: Apache-2.0
#include "common/pgp/key_ring.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

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

constexpr char kInTime[] = "2026-01-05T00:00:00Z";

absl::Time At(const char* text) {
  absl::Time time;
  std::string error;
  REQUIRE(absl::ParseTime(absl::RFC3339_full, text, &time, &error));
  return time;
}

absl::StatusOr<std::string> Verified(absl::string_view keys, absl::string_view signature,
                                     const char* now = kInTime) {
  const auto ring = KeyRing::Parse(File(keys));
  REQUIRE_THAT(ring.status(), IsOk());
  return ring->Verify(File("payload.txt"), File(signature), At(now));
}

TEST_CASE("a signature by gpg verifies, and names the primary key", "[pgp]") {
  struct Row {
    const char *keys, *signature, *id;
  };
  const Row rows[] = {{"rsa.asc", "rsa.sig", "D304C50A6B36A992"},
                      {"edwards.asc", "edwards.sig", "2FE6FAB22B4AFD41"},  // by a subkey
                      {"nist.asc", "nist.sig", "1521C307943BDDD7"},
                      {"expiring.asc", "expiring.sig", "21BE6845B1A1671C"},
                      {"edwards.asc", "expired.sig", "2FE6FAB22B4AFD41"},
                      {"two.asc", "rsa.sig", "D304C50A6B36A992"},
                      {"two.asc", "edwards.sig", "2FE6FAB22B4AFD41"}};
  for (const Row& row : rows) {
    CAPTURE(row.keys, row.signature);
    const auto id = Verified(row.keys, row.signature);
    CHECK_THAT(id.status(), IsOk());
    CHECK(id.value_or("") == row.id);
  }
}

TEST_CASE("a signature by another key, or one that no longer counts, is refused", "[pgp]") {
  struct Row {
    const char *keys, *signature, *now;
  };
  const Row rows[] = {{"other.asc", "rsa.sig", kInTime},
                      {"rsa.asc", "edwards.sig", kInTime},
                      {"revoked.asc", "revoked.sig", kInTime},
                      {"expiring.asc", "expiring.sig", "2026-03-01T00:00:00Z"},
                      {"edwards.asc", "expired.sig", "2026-03-01T00:00:00Z"},
                      // Made before its key was, by that clock.
                      {"rsa.asc", "rsa.sig", "2025-01-01T00:00:00Z"}};
  for (const Row& row : rows) {
    CAPTURE(row.keys, row.signature, row.now);
    CHECK_THAT(Verified(row.keys, row.signature, row.now).status(),
               StatusIs(absl::StatusCode::kPermissionDenied, "unknown entity"));
  }
}

TEST_CASE("another payload and what is no signature are refused", "[pgp]") {
  const KeyRing ring = KeyRing::Parse(File("rsa.asc")).value();
  const std::string payload = File("payload.txt");
  const std::string signature = File("rsa.sig");
  const absl::Time now = At(kInTime);
  CHECK_FALSE(ring.Verify(payload + " ", signature, now).ok());
  CHECK_FALSE(ring.Verify("", signature, now).ok());
  for (const std::string& text :
       {std::string(), std::string("garbage"), File("rsa.asc"), signature.substr(0, 90),
        std::string("-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----\n")}) {
    CAPTURE(text);
    CHECK_FALSE(ring.Verify(payload, text, now).ok());
  }
  // An inline-signed or compressed message is not detached: it says what was signed itself.
  CHECK(ring.Verify(payload, signature, now).ok());
}

TEST_CASE("what holds no key is no key ring", "[pgp]") {
  CHECK_THAT(KeyRing::Parse("").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "no armored data found"));
  CHECK_THAT(KeyRing::Parse("ssh-ed25519 AAAA").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "no armored data found"));
  CHECK_THAT(KeyRing::Parse(File("rsa.sig")).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "openpgp: invalid argument"));
  CHECK_FALSE(KeyRing::Parse(File("rsa.asc").substr(0, 300)).ok());
}

}  // namespace
}  // namespace sluice::pgp
