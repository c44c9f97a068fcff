// Symmetric encryption of texts of any length.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::crypto {

// AES-256 in CTR mode, which is its own inverse; not authenticated. kInvalidArgument unless the key
// has 32 bytes and the vector 16.
absl::StatusOr<std::string> Aes256Ctr(absl::string_view key,
                                      absl::string_view initialization_vector,
                                      absl::string_view bytes);

}  // namespace sluice::crypto
