// Numbers as Go's strconv and fmt print them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace sluice::gotmpl {

// strconv.FormatFloat. `form` is one of e, E, f, g, G, b, x, X; precision -1 asks for the fewest
// digits that read back as the same number. `bits` is 32 or 64.
std::string FormatFloat(double number, char form, int precision, int bits);

// `number` in base 2, 8, 10 or 16.
std::string FormatUint(uint64_t number, int base, bool upper_case = false);

}  // namespace sluice::gotmpl
