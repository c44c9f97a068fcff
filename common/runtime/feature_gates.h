// Feature gates: behaviour that is switched on or off by name, --feature-gates=A=true,B=false.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice::runtime {

class FeatureGates {
 public:
  // Knows no gate, and accepts any.
  FeatureGates() = default;
  // Knows these, with their defaults.
  explicit FeatureGates(std::map<std::string, bool> defaults) : gates_(std::move(defaults)) {}

  // Takes the flag's value. kInvalidArgument, worded as in Flux, for a name that it does not know
  // or a value that is no boolean; nothing is changed then.
  absl::Status Parse(absl::string_view text);

  // False for a gate that it does not know.
  bool Enabled(absl::string_view name) const;

 private:
  std::map<std::string, bool> gates_;
};

}  // namespace sluice::runtime
