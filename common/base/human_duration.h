// Durations as people read them in `kubectl`'s and Flux's tables (apimachinery's duration package,
// 1.34).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/time/time.h"

namespace sluice {

// "5s", "3m20s", "4h", "2d3h", "1y40d"; "<invalid>" for more than a second in the future.
std::string HumanDuration(absl::Duration duration);

}  // namespace sluice
