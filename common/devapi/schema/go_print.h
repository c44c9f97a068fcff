// Values as Go's fmt prints them, for messages that the reference makes with it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/value/value.h"

namespace sluice::devapi {

// %v: "map[a:1 b:[x y]]", "<nil>".
std::string GoPlain(const Value& value);
// %#v: `map[string]interface {}{"a":1}`, "interface {}(nil)".
std::string GoSyntax(const Value& value);

}  // namespace sluice::devapi
