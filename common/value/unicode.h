// Character classes of Unicode 15, as Go's unicode package has them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sluice::value {

bool IsUnicodeLetter(uint32_t code_point);  // category L
bool IsUnicodeDigit(uint32_t code_point);   // category Nd

}  // namespace sluice::value
