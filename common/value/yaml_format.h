// The v2 printer with its one choice; see FormatYaml in yaml.h.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "common/value/value.h"

namespace sluice::value {

// A double as JSON would pass it on (1e6 is 1000000), or as go-yaml prints a float64 (1e+06).
enum class YamlFloats : uint8_t { kByJson, kAsTheyAre };

std::string FormatYaml(const Value& value, YamlFloats floats);

}  // namespace sluice::value
