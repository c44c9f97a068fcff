// What a failure's words mean: a kind of cause and what to do about it. One table, read in order.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::explain {

struct Cause {
  const char* id;   // stable, for programs
  const char* fix;  // what to do about it, one sentence
};

// Every cause there is, for the documentation and for tests.
std::span<const Cause> AllCauses();
// The cause of that id, which exists; anything else is a mistake of ours and ends the process.
const Cause& CauseOrDie(absl::string_view id);

// From a condition's reason and message, as our controllers, Kubernetes and the libraries word
// them. "unclassified" if nothing fits.
const Cause& Classify(absl::string_view reason, absl::string_view message);

}  // namespace sluice::explain
