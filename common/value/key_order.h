// The order in which go-yaml prints the keys of a map: letters after other characters, numbers
// inside by their value ("a2" before "a10").

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/value/yaml_scalar.h"

namespace sluice::value {

// Whether `a` is printed before `b`. v3 puts "a1b" before "a1-", v2 after it.
bool KeyLess(absl::string_view a, absl::string_view b, YamlDialect dialect);

}  // namespace sluice::value
