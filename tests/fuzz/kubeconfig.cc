// kubeconfigs, also of people who may not touch this machine: of theirs no file is read, no program
// run and nobody impersonated.

// SPDX-License-Identifier: Apache-2.0
#include "common/kube/kubeconfig.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(kubeconfig, input) {
  for (const bool allow_insecure : {false, true}) {
    const auto foreign = kube::ParseForeignKubeconfig(input, allow_insecure);
    if (!foreign.ok()) continue;
    Require(foreign->token_file.empty() && foreign->token_source == nullptr,
            "no file is read and no program run");
    Require(allow_insecure || !foreign->tls.insecure_skip_verify, "certificates are checked");
  }
  (void)kube::ParseKubeconfig(input, "/nonexistent");
}

}  // namespace sluice::fuzz
