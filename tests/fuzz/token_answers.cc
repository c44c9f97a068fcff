// Answers of token services and key services: nothing of a refusal's body is taken for a token.

// SPDX-License-Identifier: Apache-2.0
#include "common/base/clock.h"
#include "common/bucket/jwt.h"
#include "common/key_management/vault.h"
#include "tests/fuzz/canned_transport.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(token_answers, input) {
  const Context ctx = Context::Background();
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  CannedTransport server(input);
  const auto answer = server.Send(ctx, {});
  const auto token = bucket::TokenOf(*answer, now);
  Require(!token.ok() || (answer->status == 200 && !token->token.empty()),
          "a token is there in an answer that is one");
  const key_management::VaultServer vault = {"https://vault.example.com:8200", ""};
  (void)key_management::DecryptWithVault(ctx, server, vault, Secret("token"), {"transit", "key"},
                                         "vault:v1:AAAA");
  (void)key_management::LogInToVault(ctx, server, vault, "kubernetes", "role", Secret("jwt"));
}

}  // namespace sluice::fuzz
