// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/targets.h"

#include <cstdio>
#include <cstdlib>

namespace sluice::fuzz {
namespace {

std::map<std::string, Run>& Table() {
  static auto* const table = new std::map<std::string, Run>();
  return *table;
}

}  // namespace

const std::map<std::string, Run>& Targets() { return Table(); }

bool AddTarget(const char* name, Run run) {
  Require(Table().emplace(name, run).second, "names of targets are unique", name);
  return true;
}

void Require(bool holds, const char* what, absl::string_view detail) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n%.*s\n", what, static_cast<int>(detail.size()),
               detail.data());
  std::abort();
}

}  // namespace sluice::fuzz
