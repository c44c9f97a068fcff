// An object as a file that can be applied again.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/value/value.h"

namespace sluice::cli {

// "---" and the object as YAML: what says what it is to be, and nothing that the server added.
std::string FormatManifest(const Value& object);

}  // namespace sluice::cli
