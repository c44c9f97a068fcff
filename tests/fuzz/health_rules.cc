// Health: the first section is a live object, the second health expressions and drift rules about
// it.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "common/kube/object.h"
#include "common/ssa/drift_ignore.h"
#include "common/ssa/health_rules.h"
#include "common/ssa/kstatus.h"
#include "common/value/yaml.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(health_rules, input) {
  const auto sections = Sections(input);
  const auto live = value::ParseYaml(sections.begin()->second);
  const auto rules = value::ParseYaml(sections.rbegin()->second);
  if (!live.ok() || !rules.ok()) return;
  (void)ssa::ReadinessOf(*live, absl::FromUnixSeconds(1'700'000'000));
  if (const auto health = ssa::HealthRules::Compile(*rules); health.ok()) {
    (void)health->Has(kube::GvkOf(*live));
    (void)health->Evaluate(*live);
  }
  if (const auto ignore = ssa::DriftIgnore::Compile(*rules); ignore.ok()) {
    const std::vector<std::string> paths = ignore->PathsFor(*live);
    const Value without = ssa::WithoutPaths(*live, paths);
    Require(ssa::WithoutPaths(without, paths) == without, "what is gone is gone");
    (void)ssa::KeepingLive(*live, *live, *live, paths, "manager");
  }
}

}  // namespace sluice::fuzz
