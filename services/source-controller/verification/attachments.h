// Small things that stand beside an artifact in its registry: signatures.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/oci/client.h"

namespace sluice::source_controller {

// A layer's bytes, at most 1 MiB, and what is said about it.
struct Attachment {
  std::string media_type;
  std::string bytes;
  oci::Annotations annotations;
  oci::Annotations manifest_annotations;
};

// The first layers of what refers to `artifact` with an artifact type that begins with
// `type_prefix`. Of more than `limit` the first are looked at. Manifests of larger layers, or none,
// are left out. The registry's errors.
absl::StatusOr<std::vector<Attachment>> FetchReferrers(const Context& ctx, oci::Client& registry,
                                                       const oci::Reference& artifact,
                                                       absl::string_view type_prefix, size_t limit);

// The layers of type `media_type` that the manifest `reference` has, the first `limit`; none if
// there is no such manifest.
absl::StatusOr<std::vector<Attachment>> FetchLayers(const Context& ctx, oci::Client& registry,
                                                    const oci::Reference& reference,
                                                    absl::string_view media_type, size_t limit);

}  // namespace sluice::source_controller
