// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/app.h"

#include "common/controller_rpc/unsupported_controller.h"

namespace sluice::helm_controller {

int Main(int argc, const char* const* argv) {
  return controller_rpc::RunUnsupportedController(
      {.name = "helm-controller",
       .description = "Installs and upgrades Helm releases.",
       .kinds = {"HelmRelease"},
       .source_kinds = {"HelmChart", "OCIRepository"}},
      argc, argv);
}

}  // namespace sluice::helm_controller
