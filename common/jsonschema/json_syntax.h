// What encoding/json says about a text that is no JSON.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::jsonschema {

// The error of Go's json.Decoder reading exactly one value from `text`; empty if the syntax is
// right.
std::string GoSyntaxError(absl::string_view text);

}  // namespace sluice::jsonschema
