// References: what is read has one full form.

// SPDX-License-Identifier: Apache-2.0
#include "common/oci/reference.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(oci_reference, input) {
  (void)oci::ParseRepositoryUrl(input);
  if (const auto repository = oci::ParseRepository(input); repository.ok()) {
    (void)repository->MayUseHttp();
    const auto again = oci::ParseRepository(repository->Name());
    Require(again.ok() && again->Name() == repository->Name(), "a full name stays", input);
  }
  if (const auto reference = oci::ParseReference(input); reference.ok()) {
    const auto again = oci::ParseReference(reference->Name());
    Require(again.ok() && again->Name() == reference->Name(), "a full name stays", input);
  }
}

}  // namespace sluice::fuzz
