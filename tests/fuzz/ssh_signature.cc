// SSH keys and signatures in all their forms. Nothing counts as signed by a key that has not
// signed.

// SPDX-License-Identifier: Apache-2.0
#include "common/signature/ssh_signature.h"
#include "common/signature/git_signature.h"
#include "common/signature/ssh_private_key.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(ssh_signature, input) {
  const auto keys = signature::ParseAuthorizedKeys(input);
  if (keys.ok()) {
    for (const signature::SshPublicKey& key : *keys) {
      Require(!key.Verify("payload", input), "keys are no signature");
      (void)key.Fingerprint();
    }
    (void)signature::VerifySshSignature(input, "payload", "git", *keys);
  }
  (void)signature::SshPublicKey::FromBlob(input);
  (void)signature::SshPrivateKey::Parse(Secret(std::string(input)), Secret(""));
  (void)signature::SshPrivateKey::Parse(Secret(std::string(input)), Secret("passphrase"));
  Require(!signature::VerifyGitSignature("commit", input, "payload", {}, absl::UnixEpoch()).ok(),
          "nobody is trusted");
}

}  // namespace sluice::fuzz
