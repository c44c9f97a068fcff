// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/targets.h"

#include <cstdio>
#include <cstdlib>

namespace sluice::fuzz {

void FuzzGotmplParse(absl::string_view input);  // gotmpl_parse.cc
void FuzzGotmplRun(absl::string_view input);    // gotmpl_run.cc
void FuzzJson(absl::string_view input);         // json.cc
void FuzzYaml(absl::string_view input);         // yaml.cc

std::span<const Target> Targets() {
  static constexpr Target kTargets[] = {
      {"gotmpl_parse", FuzzGotmplParse},
      {"gotmpl_run", FuzzGotmplRun},
      {"json", FuzzJson},
      {"yaml", FuzzYaml},
  };
  return kTargets;
}

void Require(bool holds, const char* what, absl::string_view detail) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n%.*s\n", what, static_cast<int>(detail.size()),
               detail.data());
  std::abort();
}

}  // namespace sluice::fuzz
