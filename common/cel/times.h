// Points in time and durations.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "common/cel/value.h"

namespace sluice::cel {

inline constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

// The years 1 to 9999.
inline constexpr int64_t kMinSeconds = -62'135'596'800;
inline constexpr int64_t kMaxSeconds = 253'402'300'799;

// RFC 3339, any zone; nothing for anything else. May lie outside the years above.
std::optional<Timestamp> ParseTimestamp(absl::string_view text);

// `time` moved by nanoseconds; nothing if that is outside the years above.
std::optional<Timestamp> Shift(Timestamp time, int64_t nanoseconds);

}  // namespace sluice::cel
