// What is fuzzed. A target runs one input and ends the process if something is wrong with the
// result; crashes and sanitizer reports count as well.
//
// A new target is one file that defines it, its declaration and row in targets.cc, its name in
// CMakeLists.txt, and a folder corpus/<name> with some inputs. Inputs that once failed are kept
// there.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "absl/strings/string_view.h"

namespace sluice::fuzz {

struct Target {
  absl::string_view name;
  void (*run)(absl::string_view input);
};

std::span<const Target> Targets();

// Ends the process with a message unless `holds`.
void Require(bool holds, const char* what, absl::string_view detail = {});

}  // namespace sluice::fuzz
