// `sluice`: small and linked statically, so that `sluice build` answers within a millisecond. All
// other commands are the program sluice-cluster beside it (docs/adr/0015).

// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/string_view.h"
#include "cli/offline/build.h"
#include "cli/offline/cluster_program.h"

int main(int argc, char** argv) {
  if (argc > 1 && absl::string_view(argv[1]) == "build") return sluice::cli::BuildMain(argc, argv);
  return sluice::cli::BecomeClusterProgram(argv);
}
