// What Go's encoding/json says of a text that is not JSON. Templates see these texts: fromJson
// returns them as values.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::sprig {

struct JsonSyntax {
  // "invalid character 'x' looking for beginning of value"; "" if the text is one JSON document.
  std::string error;
  // The numbers in it that a float64 does not hold, views into the text.
  std::vector<absl::string_view> large_numbers;
};

JsonSyntax CheckJsonSyntax(absl::string_view text);

}  // namespace sluice::sprig
