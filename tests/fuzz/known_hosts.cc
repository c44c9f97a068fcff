// known_hosts: no key is accepted that is not listed.

// SPDX-License-Identifier: Apache-2.0
#include "common/git/known_hosts.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(known_hosts, input) {
  const auto hosts = git::KnownHosts::Parse(input);
  if (!hosts.ok()) return;
  for (const int port : {22, 2222}) {
    Require(!hosts->Check("git.example.com", port, "no key at all").ok(),
            "a key that is not listed is refused");
    (void)hosts->KeyTypes("git.example.com", port);
    (void)hosts->KeyTypes("2001:db8::1", port);
  }
}

}  // namespace sluice::fuzz
