// Fields that stand twice in a JSON text, which strict decoding refuses and others are warned of.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace sluice::devapi {

// The paths of members that repeat the name of an earlier one ("spec.list[0].a"), in the order of
// the text; at most 100. `json` must be a text that value::ParseJson takes; of others whatever was
// found.
std::vector<std::string> DuplicateFields(absl::string_view json);

}  // namespace sluice::devapi
