// conformance KIND PATH [--show N]: runs a corpus of recorded answers, in process.

// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/conformance/kinds.h"
#include "tests/conformance/report.h"

namespace {

int Usage() {
  std::string kinds;
  for (const auto& kind : sluice::conformance::Kinds()) absl::StrAppend(&kinds, " ", kind.name);
  std::fprintf(stderr,
               "usage: conformance KIND PATH [--show N]\n"
               "  PATH is a file or folder of a corpus; exit code 0 only if every case passes\n"
               "  --show N: expected and actual of the first N failures\n"
               "  kinds:%s\n",
               kinds.c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> words;
  size_t show = 0;
  for (int i = 1; i < argc; ++i) {
    if (absl::string_view(argv[i]) == "--show") {
      if (++i == argc || !absl::SimpleAtoi(argv[i], &show)) return Usage();
    } else {
      words.emplace_back(argv[i]);
    }
  }
  if (words.size() != 2) return Usage();

  for (const auto& kind : sluice::conformance::Kinds()) {
    if (kind.name != words[0]) continue;
    sluice::conformance::Report report;
    if (const absl::Status status = kind.run(words[1], report); !status.ok()) {
      std::fprintf(stderr, "conformance: %s\n", std::string(status.message()).c_str());
      return 2;
    }
    std::fputs(sluice::conformance::Format(report, show).c_str(), stdout);
    return report.failures().empty() ? 0 : 1;
  }
  return Usage();
}
