// gzip, unpacked by both of our readers within a bound; what is packed comes out again.

// SPDX-License-Identifier: Apache-2.0
#include "common/archive/gzip.h"
#include "common/git/gunzip.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(gzip, input) {
  constexpr size_t kLimit = 1 << 20;
  const auto unpacked = archive::Gunzip(input, kLimit);
  Require(!unpacked.ok() || unpacked->size() <= kLimit, "no more comes out than the limit");
  const auto other = git::Gunzip(input, kLimit);
  Require(!other.ok() || other->size() <= kLimit, "no more comes out than the limit");
  const auto again = archive::Gunzip(archive::Gzip(input), input.size());
  Require(again.ok() && *again == input, "what is packed comes out again");
  Require(input.empty() || !archive::Gunzip(archive::Gzip(input), input.size() - 1).ok(),
          "the limit holds to the byte");
}

}  // namespace sluice::fuzz
