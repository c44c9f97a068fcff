// Google Cloud KMS (cryptoKeys.decrypt).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/http/transport.h"
#include "common/key_management/service.h"

namespace sluice::key_management {

inline constexpr char kGcpScope[] = "https://www.googleapis.com/auth/cloud-platform";

// kInvalidArgument unless `resource_id` is
// "projects/P/locations/L/keyRings/R/cryptoKeys/K", with nothing in it that a URL's path does not
// hold as it is.
absl::Status CheckGcpKmsKey(absl::string_view resource_id);

// What `ciphertext` (base64) was encrypted from, by the holder of the bearer `token`. Errors as for
// AWS.
absl::StatusOr<Secret> DecryptWithGcpKms(const Context& ctx, http::Transport& transport,
                                         const Endpoints& endpoints, const Secret& token,
                                         absl::string_view resource_id,
                                         absl::string_view ciphertext);

}  // namespace sluice::key_management
