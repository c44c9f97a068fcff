// What of an ArtifactGenerator's spec its schema cannot check.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/api/source/artifact_generator.h"

namespace sluice::source_controller {

// Empty, or why a spec can never be carried out: the condition's reason and message.
struct SpecRefusal {
  std::string reason;
  std::string message;
};

// `ns` is the generator's namespace.
SpecRefusal CheckSpec(const api::ArtifactGeneratorSpec& spec, absl::string_view ns,
                      bool no_cross_namespace_refs);

}  // namespace sluice::source_controller
