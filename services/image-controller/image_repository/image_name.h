// spec.image of an ImageRepository: a registry and a repository in it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/oci/reference.h"

namespace sluice::image_controller {

// kInvalidArgument, in Flux's words, for a URL, an image with a tag or digest, and what is no name.
absl::StatusOr<oci::Repository> ParseImage(absl::string_view image);

}  // namespace sluice::image_controller
