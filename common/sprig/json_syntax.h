// What Go's encoding/json says of a text that is not JSON. Templates see these texts: fromJson
// returns them as values.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::sprig {

// "invalid character 'x' looking for beginning of value"; "" if `text` is one JSON document.
std::string JsonSyntaxError(absl::string_view text);

}  // namespace sluice::sprig
