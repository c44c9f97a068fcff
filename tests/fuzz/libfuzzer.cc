// The entry points that libFuzzer calls, for the target that $SLUICE_FUZZ_TARGET names;
// `libfuzzer -targets` lists them all.

// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/targets.h"

namespace {

sluice::fuzz::Run target = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  if (*argc == 2 && absl::string_view((*argv)[1]) == "-targets") {
    for (const auto& [name, run] : sluice::fuzz::Targets()) std::puts(name.c_str());
    std::exit(0);
  }
  const char* name = std::getenv("SLUICE_FUZZ_TARGET");
  const auto found = sluice::fuzz::Targets().find(name == nullptr ? "" : name);
  sluice::fuzz::Require(found != sluice::fuzz::Targets().end(),
                        "$SLUICE_FUZZ_TARGET names one of `libfuzzer -targets`");
  target = found->second;
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  target(absl::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
