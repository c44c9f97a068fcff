// Values as text: for error messages, and in full for people and tests.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

#include "common/cel/value.h"

namespace sluice::cel {

// As Go prints the value with %v, as error messages do: strings bare, numbers plain.
std::string Print(const Value& value);

// As an expression would write it, with maps in order of their keys: `["a", 1u, {1: true}]`,
// `timestamp(2006-01-02T15:04:05Z)`, `duration(1500000000)`, `type(int)`, `optional.none()`.
std::string Describe(const Value& value, Arena& arena);

// The name that the reference's own type for such values has in its language ("types.Int"), which
// some of its messages show.
absl::string_view ReferenceTypeName(const Value& value);

// A double as Go's strconv.FormatFloat(d, 'g', -1, 64): the shortest digits that read back as the
// same number, with an exponent from 10^`exponent_from` on and below 10^-4.
std::string FormatDouble(double number, int exponent_from = 6);
// RFC 3339 in the zone it was written in, fractions as far as needed.
std::string FormatTimestamp(Timestamp time);
// Seconds: "3600s", "1.5s".
std::string FormatSeconds(int64_t nanoseconds);

}  // namespace sluice::cel
