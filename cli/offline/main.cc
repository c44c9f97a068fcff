// `sluice`: small and linked statically, so that `sluice build` and `sluice template` answer at
// once. All other commands are the program sluice-cluster beside it (docs/adr/0015).

// SPDX-License-Identifier: Apache-2.0
#include <malloc.h>

#include "absl/strings/string_view.h"
#include "cli/offline/build.h"
#include "cli/offline/cluster_program.h"
#include "cli/offline/template.h"

int main(int argc, char** argv) {
  // Without glibc's bins for what was freed last: merging them costs a sixth of rendering a large
  // chart.
  mallopt(M_MXFAST, 0);
  const absl::string_view command = argc > 1 ? argv[1] : "";
  const absl::string_view what = argc > 2 ? argv[2] : "";
  // A Kustomization needs a cluster, a folder does not.
  if (command == "build" && what != "kustomization" && what != "ks") {
    return sluice::cli::BuildMain(argc, argv);
  }
  // Looking up hosts is not for a static program.
  if (command == "template" && !sluice::cli::AsksForHosts(argc, argv)) {
    return sluice::cli::TemplateMain(argc, argv);
  }
  return sluice::cli::BecomeClusterProgram(argv);
}
