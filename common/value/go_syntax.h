// Values as Go's fmt prints them in messages that users know.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::value {

// %#v: `"a"`, `1`, `[]interface {}{1, 2}`, `map[string]interface {}{"a":1}`. Cut after 1,000 bytes.
std::string GoSyntax(const Value& value, absl::string_view map_type);

// strconv.FormatFloat(number, 'g', -1, bits): "1e+06", "+Inf".
std::string GoFloat(double number, int bits = 64);

}  // namespace sluice::value
