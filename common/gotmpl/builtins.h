// The functions that every template has: those of text/template.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "absl/status/statusor.h"
#include "common/gotmpl/function.h"
#include "common/gotmpl/value.h"

namespace sluice::gotmpl {

std::span<const Function> Builtins();

// eq of two values, and lt: numbers of one family, strings, and for eq booleans and what Go's ==
// compares. An error if the two cannot be compared; an int is never compared with a float.
absl::StatusOr<bool> Equal(const Value& a, const Value& b);
absl::StatusOr<bool> Less(const Value& a, const Value& b);

}  // namespace sluice::gotmpl
