// The entry point that libFuzzer calls, for the target SLUICE_FUZZ_TARGET.

// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (const auto& target : sluice::fuzz::Targets()) {
    if (target.name != SLUICE_FUZZ_TARGET) continue;
    target.run(absl::string_view(reinterpret_cast<const char*>(data), size));
  }
  return 0;
}
