// Inputs of several texts: "=== NAME" lines start one each; what stands before the first has the
// name "".

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::fuzz {

std::map<std::string, std::string> Sections(absl::string_view input);

}  // namespace sluice::fuzz
