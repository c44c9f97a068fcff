// Kubernetes label selectors ("app=web,tier in (a, b),!canary"), here also for annotations.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/kustomize/resource.h"

namespace sluice::kustomize {

// Immutable once parsed.
class LabelSelector {
 public:
  // The empty text selects everything. kInvalidArgument, naming the text, if it is no selector.
  static absl::StatusOr<LabelSelector> Parse(absl::string_view text);

  bool empty() const { return requirements_.empty(); }
  bool Matches(const TextMap& labels) const;

 private:
  enum class Operator : uint8_t { kIn, kNotIn, kExists, kAbsent, kGreater, kLess };
  struct Requirement {
    std::string key;
    Operator op = Operator::kExists;
    std::vector<std::string> values;
  };
  class Parser;

  static bool Matches(const Requirement& requirement, const TextMap& labels);

  std::vector<Requirement> requirements_;
};

}  // namespace sluice::kustomize
