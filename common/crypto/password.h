// Keys and digests made from passwords.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::crypto {

inline constexpr size_t kBcryptSaltBytes = 16;
inline constexpr size_t kMaxBcryptPasswordBytes = 72;

// "$2a$10$" and so on: the form that htpasswd files hold. `cost` is from 4 to 31; each more doubles
// the time (10: 60 ms). kInvalidArgument for a password that is too long or has a NUL in it.
absl::StatusOr<std::string> Bcrypt(absl::string_view password, int cost, absl::string_view salt);

struct ScryptCost {
  uint64_t n = 32768;
  uint64_t r = 8;
  uint64_t p = 1;
};

inline constexpr uint64_t kScryptMemory = uint64_t{64} << 20;

// `size` bytes (RFC 7914), with up to `max_memory` bytes of memory. kInvalidArgument for parameters
// that need more.
absl::StatusOr<std::string> Scrypt(absl::string_view password, absl::string_view salt,
                                   const ScryptCost& cost, size_t size,
                                   uint64_t max_memory = kScryptMemory);

}  // namespace sluice::crypto
