// SPDX-License-Identifier: Apache-2.0
#include "common/crypto/ml_kem.h"

#include <catch2/catch.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "common/crypto/digest.h"
#include "common/crypto/random.h"
#include "common/testing/status_matchers.h"

namespace sluice::crypto {
namespace {

using ::sluice::testing::IsOk;
using ::sluice::testing::StatusIs;

TEST_CASE("SHA-3 gives what FIPS 202 has", "[crypto]") {
  CHECK(absl::BytesToHexString(Sha3("")) ==
        "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
  CHECK(absl::BytesToHexString(Shake256("", 32)) ==
        "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f");
}

// Go's crypto/mlkem, which is certified, gave these from the seed 0, 1, 2, …, 63 and the randomness
// 0, 1, 2, …, 31.
TEST_CASE("ML-KEM-768 gives what another implementation does", "[crypto]") {
  std::string seed;
  for (char i = 0; i < 64; ++i) seed += i;
  const MlKem768 key = MlKem768::FromSeed(Secret(seed)).value();
  CHECK(key.public_key().size() == kMlKem768PublicKeyBytes);
  CHECK(Sha256Hex(key.public_key()) ==
        "0b7934c83125c788995e2ba6bd761e33046b3e40571be53e023309a29f398cc9");
  const auto made = key.Encapsulate(Secret(seed.substr(0, 32)));
  REQUIRE_THAT(made.status(), IsOk());
  CHECK(Sha256Hex(made->ciphertext) ==
        "39826fe40dc54a3fef68b7c228ed8fb22931012b6fa3bd3e7f204d54db0ac1e1");
  CHECK(absl::BytesToHexString(made->secret.Reveal()) ==
        "42f558b0bc5d700a911b0fc67f62376f7aee4667f1969e03f18bdfdf3c59fbdc");
  CHECK(key.Decapsulate(made->ciphertext)->Reveal() == made->secret.Reveal());
  // Rejected, which is no error but another secret.
  std::string changed = made->ciphertext;
  changed[0] = static_cast<char>(changed[0] ^ 1);
  CHECK(absl::BytesToHexString(key.Decapsulate(changed)->Reveal()) ==
        "9e51562e9a581c5c19710dd3157c0582ede68ffbf0769ec53ad7e439d1a9beec");
}

TEST_CASE("what is encapsulated comes back with the same key only", "[crypto]") {
  const MlKem768 key = MlKem768::FromSeed(Secret(RandomBytes(kMlKemSeedBytes))).value();
  const MlKem768 other = MlKem768::FromSeed(Secret(RandomBytes(kMlKemSeedBytes))).value();
  for (int i = 0; i < 20; ++i) {
    const auto made = key.Encapsulate(Secret(RandomBytes(32))).value();
    CHECK(key.Decapsulate(made.ciphertext)->Reveal() == made.secret.Reveal());
    CHECK(other.Decapsulate(made.ciphertext)->Reveal() != made.secret.Reveal());
  }
}

TEST_CASE("other lengths are refused", "[crypto]") {
  CHECK_THAT(MlKem768::FromSeed(Secret("short")).status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "seed"));
  const MlKem768 key = MlKem768::FromSeed(Secret(RandomBytes(kMlKemSeedBytes))).value();
  CHECK_THAT(key.Decapsulate("short").status(),
             StatusIs(absl::StatusCode::kInvalidArgument, "ciphertext"));
  CHECK_FALSE(key.Encapsulate(Secret("short")).ok());
}

}  // namespace
}  // namespace sluice::crypto
