// How an ImageRepository's registry is reached: credentials, TLS, proxy (spec/image.md §4.6 to
// §4.8).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/api/image/image_repository.h"
#include "common/base/context.h"
#include "common/oci/client.h"
#include "services/image-controller/image/collaborators.h"

namespace sluice::image_controller {

// Reads the Secrets of `spec` in `ns`, and those of its service account; nothing is sent yet. A
// cloud's credentials are asked for when the registry asks. `with` must outlive the client.
absl::StatusOr<std::unique_ptr<oci::Client>> OpenRegistry(const Context& ctx,
                                                          const Collaborators& with,
                                                          const std::string& ns,
                                                          const api::ImageRepositorySpec& spec);

}  // namespace sluice::image_controller
