// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice {

// Of all our programs: "0.1.0", the project's in CMakeLists.txt.
extern const char kVersion[];

}  // namespace sluice
