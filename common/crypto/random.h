// Randomness from OpenSSL's generator.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace sluice::crypto {

std::string RandomBytes(size_t count);
std::string RandomHex(size_t bytes);
// A version 4 UUID, as object UIDs and attempt ids are.
std::string RandomUuid();

}  // namespace sluice::crypto
