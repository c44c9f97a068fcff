// Texts in parts, as Go's package strings splits them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::sprig {

// Each character by itself, as strings.Split does where the separator is empty; `most` parts at
// most.
std::vector<absl::string_view> Characters(absl::string_view text, size_t most);

// strings.SplitN; all parts if `most` is negative.
std::vector<absl::string_view> SplitText(absl::string_view text, absl::string_view separator,
                                         int64_t most);

// How many parts SplitText() would give, or more if the separator is empty.
size_t CountParts(absl::string_view text, absl::string_view separator, int64_t most);

}  // namespace sluice::sprig
