// Symmetric encryption.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::crypto {

inline constexpr size_t kAesBlockBytes = 16;
inline constexpr size_t kAes256KeyBytes = 32;

enum class Direction { kEncrypt, kDecrypt };

// AES-256 in CBC mode over whole blocks, neither padded nor authenticated. kInvalidArgument if one
// of the lengths is not what it must be.
absl::StatusOr<std::string> Aes256Cbc(Direction direction, absl::string_view key,
                                      absl::string_view initialization_vector,
                                      absl::string_view blocks);

}  // namespace sluice::crypto
