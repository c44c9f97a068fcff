// A registry's refusals as errors, in the words of go-containerregistry, which Flux shows.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice::oci {

// `GET https://…: MANIFEST_UNKNOWN: manifest unknown; map[Tag:1]`, or the status code if `body` has
// no list of errors. kUnauthenticated, kPermissionDenied, kNotFound; kUnavailable for what trying
// again may mend (408, 429, 499, 500, 502, 503, 504, 522); else kFailedPrecondition.
absl::Status RegistryError(absl::string_view method, absl::string_view url, int status,
                           absl::string_view body);

}  // namespace sluice::oci
