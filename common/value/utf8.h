// UTF-8 as Go reads it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::value {

// The length of the valid sequence at the start of `text`, which is not empty; 0 if there is none.
size_t Utf8Length(absl::string_view text);

bool IsValidUtf8(absl::string_view text);

// Each byte that is part of no valid sequence becomes U+FFFD.
std::string ToValidUtf8(absl::string_view text);

// `code_point` must be at most 0x10FFFF.
void AppendUtf8(uint32_t code_point, std::string& out);

}  // namespace sluice::value
