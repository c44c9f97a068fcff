// Equality and order of values, across the numeric types.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/cel/value.h"

namespace sluice::cel {

// Values of different kinds are not equal, but numbers are by value. NaN equals nothing.
bool Equal(const Value& a, const Value& b, Arena& arena);

// -1, 0 or 1 as an int; an error if the two have no order.
Value Compare(const Value& a, const Value& b);

}  // namespace sluice::cel
