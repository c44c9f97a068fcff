// The charts of `helmCharts` (`sluice build --enable-helm`), rendered by our own engine.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/kustomize/chart_renderer.h"

namespace sluice::cli {

// kustomize 5.8 runs helm 3, whose dialect this has.
class HelmRenderer : public kustomize::ChartRenderer {
 public:
  absl::StatusOr<std::string> Render(const fs::Tree& tree,
                                     const kustomize::ChartRelease& release) const override;
};

}  // namespace sluice::cli
