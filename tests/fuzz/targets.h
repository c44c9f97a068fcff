// What is fuzzed. A target runs one input and ends the process if something is wrong with the
// result; crashes and sanitizer reports count as well.
//
// A new target is a file here with
//
//   FUZZ_TARGET(name, input) { ... }
//
// and a folder corpus/<name> with some inputs. Inputs that once failed are kept there.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::fuzz {

using Run = void (*)(absl::string_view input);

// Every target by its name.
const std::map<std::string, Run>& Targets();

// Ends the process with a message unless `holds`.
void Require(bool holds, const char* what, absl::string_view detail = {});

// For FUZZ_TARGET.
bool AddTarget(const char* name, Run run);

}  // namespace sluice::fuzz

// NOLINTBEGIN: names are made here
#define FUZZ_TARGET(name, input)                     \
  static void Fuzz_##name(absl::string_view input);  \
  [[maybe_unused]] static const bool kAdded_##name = \
      ::sluice::fuzz::AddTarget(#name, Fuzz_##name); \
  static void Fuzz_##name(absl::string_view input)
// NOLINTEND
