// CBOR, the form of COSE envelopes: it ends whatever nests in it.

// SPDX-License-Identifier: Apache-2.0
#include "common/notation/cbor.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(cbor, input) {
  const auto item = notation::Cbor::Parse(input);
  if (!item.ok()) {
    Require(!item.status().message().empty(), "an error says something");
    return;
  }
  (void)item->Find(1);
  (void)item->Find("io.cncf.notary.expiry");
}

}  // namespace sluice::fuzz
