// Docker's config.json: credentials are for whom they are written, and no refusal quotes the text.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "common/oci/credentials.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(docker_config, input) {
  oci::Keyring keyring;
  for (const absl::Status& status :
       {keyring.AddDockerConfigJson(input), keyring.AddDockerCfg(input)}) {
    Require(status.ok() || !absl::StrContains(status.message(), "czNjcmV0"),
            "no secret is in a message", status.message());
  }
  (void)keyring.Find(oci::Repository{"ghcr.io", "org/app"});
  (void)keyring.Find(oci::Repository{"index.docker.io", "library/alpine"});
}

}  // namespace sluice::fuzz
