// Names of time zones in texts: "CEST", "GMT+3", "-03".

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace sluice::sprig {

// How much of the beginning of `text` is such a name, by the rules of Go's time.Parse: three to
// five capitals, or a sign and hours. 0 for what is none.
size_t ZoneNameSize(absl::string_view text);

// The offset that the name itself tells: 3 of "GMT+3". 0 of all others.
int ZoneNameHours(absl::string_view name);

}  // namespace sluice::sprig
