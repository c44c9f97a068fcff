// Numbers and times of TOML, by the rules that the scanner does not know.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/gotmpl/value.h"

namespace sluice::sprig {

// The value of a text that TomlScanner::Number() has taken for one of this kind: an int64, a
// float64 or a time. kInvalidArgument with BurntSushi/toml's words.
absl::StatusOr<gotmpl::Value> TomlInteger(absl::string_view text);
absl::StatusOr<gotmpl::Value> TomlFloat(absl::string_view text);
absl::StatusOr<gotmpl::Value> TomlTime(absl::string_view text);

}  // namespace sluice::sprig
