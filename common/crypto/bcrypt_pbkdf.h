// bcrypt_pbkdf, the key derivation of OpenSSH's encrypted private keys.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::crypto {

// More rounds take too long: a thousand take some ten seconds.
inline constexpr uint32_t kMaxBcryptRounds = 1000;

// `size` bytes, at most 1024, made of `password` and `salt`. 16 rounds, OpenSSH's default, take a
// tenth of a second. kInvalidArgument for no password, no salt, no rounds or too many.
absl::StatusOr<std::string> BcryptPbkdf(absl::string_view password, absl::string_view salt,
                                        uint32_t rounds, size_t size);

}  // namespace sluice::crypto
