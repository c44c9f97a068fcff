// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/app.h"

#include "common/controller_rpc/unsupported_controller.h"

namespace sluice::image_controller {

int Main(int argc, const char* const* argv) {
  return controller_rpc::RunUnsupportedController(
      {.name = "image-controller",
       .description = "Scans registries and writes new image tags back to Git.",
       .kinds = {"ImageRepository", "ImagePolicy", "ImageUpdateAutomation"},
       .source_kinds = {"GitRepository"}},
      argc, argv);
}

}  // namespace sluice::image_controller
