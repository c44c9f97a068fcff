// OpenPGP: keys and signatures of whoever made them. Nothing counts as signed by a key that is not
// there.

// SPDX-License-Identifier: Apache-2.0
#include "common/pgp/key_ring.h"
#include "common/pgp/secret_key_ring.h"
#include "common/pgp/signing_key.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(pgp, input) {
  if (const auto ring = pgp::KeyRing::Parse(input); ring.ok()) {
    Require(!ring->Verify("payload", input, absl::FromUnixSeconds(1'700'000'000)).ok(),
            "keys are no signature");
  }
  (void)pgp::SigningKey::Parse(Secret(std::string(input)), Secret("passphrase"));
  pgp::SecretKeyRing secrets;
  (void)secrets.Import(Secret(std::string(input)));
  (void)secrets.Decrypt(input);
}

}  // namespace sluice::fuzz
