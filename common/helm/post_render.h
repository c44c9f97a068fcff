// Post-rendering as Helm 4 has it: rendered files become one stream of documents that carry their
// file's name in an annotation, and what comes back is sorted into files again.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/helm/engine.h"
#include "common/helm/release.h"

namespace sluice::helm {

// The files after options.post_render. Documents without the annotation are put into files of their
// own, "generated-by-postrender-0.yaml".
absl::StatusOr<RenderedFiles> PostRender(RenderedFiles files, const ReleaseOptions& options);

}  // namespace sluice::helm
