// spec.healthCheckExprs: when custom kinds count as healthy, in CEL (spec/kustomize.md §5.3,
// spec/helm.md §5.12).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/cel/program.h"
#include "common/kube/gvk.h"
#include "common/ssa/kstatus.h"
#include "common/value/value.h"

namespace sluice::ssa {

// Immutable.
class HealthRules {
 public:
  // `expressions` is spec.healthCheckExprs. kInvalidArgument for an expression that does not parse
  // and for two rules of one kind.
  static absl::StatusOr<HealthRules> Compile(const Value& expressions);

  bool Has(const kube::GroupVersionKind& gvk) const { return Find(gvk) != nullptr; }
  // Of an object of a kind that there is a rule for. An expression that fails, or gives no boolean,
  // is an error that names it.
  absl::StatusOr<Readiness> Evaluate(const Value& live) const;

 private:
  struct Rule {
    std::shared_ptr<const cel::Program> in_progress;  // null: none
    std::shared_ptr<const cel::Program> failed;
    std::shared_ptr<const cel::Program> current;
  };

  const Rule* Find(const kube::GroupVersionKind& gvk) const;

  std::map<std::string, Rule> rules_;  // by "kind.group", or ".group" for a whole group
};

}  // namespace sluice::ssa
