// Whole texts as UTF-8; common/text has the single characters.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::value {

bool IsValidUtf8(absl::string_view text);

// Each byte that is part of no valid character becomes U+FFFD.
std::string ToValidUtf8(absl::string_view text);

}  // namespace sluice::value
