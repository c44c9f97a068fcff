// Where the JSON value ends that a text begins with.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::helm {

// The bytes up to the end of the first value, blanks before it included. kInvalidArgument if there
// is no end. Whether the value is well formed is for a JSON parser to say.
absl::StatusOr<size_t> JsonPrefixLength(absl::string_view text);

}  // namespace sluice::helm
