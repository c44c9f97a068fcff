// `sluice`: small and linked statically, so that `sluice build` answers within a millisecond. All
// other commands are the program sluice-cluster beside it (docs/adr/0015).

// SPDX-License-Identifier: Apache-2.0
#include "cli/offline/cluster_program.h"
#include "cli/offline/offline_main.h"

int main(int argc, char** argv) {
  return sluice::cli::IsOffline(argc, argv) ? sluice::cli::OfflineMain(argc, argv)
                                            : sluice::cli::BecomeClusterProgram(argv);
}
