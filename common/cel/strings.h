// Characters of strings.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace sluice::cel {

// How many characters `text`, which is UTF-8, has.
size_t CountCharacters(absl::string_view text);

}  // namespace sluice::cel
