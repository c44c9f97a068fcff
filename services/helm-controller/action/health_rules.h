// HealthRules: spec.healthCheckExprs, expressions that say when objects of a kind are ready
// (spec/helm.md §5.12).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/cel/program.h"
#include "common/ssa/kstatus.h"
#include "common/value/value.h"

namespace sluice::helm_controller {

// Immutable, so that threads may share it.
class HealthRules {
 public:
  // No rules.
  HealthRules() = default;
  // From the list in the spec; kInvalidArgument for an expression that does not parse and for two
  // rules about one kind.
  static absl::StatusOr<HealthRules> Parse(const Value& list);

  // nullopt where no rule is about the object's kind. An expression that cannot be evaluated, as a
  // field is missing, does not hold.
  std::optional<ssa::Readiness> ReadinessOf(const Value& object) const;

 private:
  using ProgramPtr = std::shared_ptr<const cel::Program>;
  struct Rule {
    std::string group;
    std::string kind;  // "" for all of the group
    ProgramPtr current;
    ProgramPtr in_progress;  // may be null
    ProgramPtr failed;       // may be null
  };

  std::vector<Rule> rules_;  // those of a kind before those of a group
};

}  // namespace sluice::helm_controller
