// Docker's config.json: credentials are for whom they are written.

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/match.h"
#include "common/oci/credentials.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(docker_config, input) {
  oci::Keyring keyring;
  (void)keyring.AddDockerConfigJson(input);
  (void)keyring.AddDockerCfg(input);
  Require(!keyring.Find(oci::Repository{"nobody.example", "x"}).has_value() ||
              absl::StrContains(input, "nobody") || absl::StrContains(input, "*"),
          "credentials are for whom they are written");
  (void)keyring.Find(oci::Repository{"ghcr.io", "org/app"});
  (void)keyring.Find(oci::Repository{"index.docker.io", "library/alpine"});
}

}  // namespace sluice::fuzz
