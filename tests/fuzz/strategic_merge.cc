// Strategic merge: the first section is the object, the second the patch.

// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/strategic_merge.h"

#include "common/kustomize/node_read.h"
#include "common/kustomize/node_value.h"
#include "common/value/json.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(strategic_merge, input) {
  const auto sections = Sections(input);
  kustomize::BuildOptions options;
  options.limits.max_nodes = 100'000;
  kustomize::BuildState state(options);
  const auto target = kustomize::ReadNode(state.arena(), sections.begin()->second);
  const auto patch = kustomize::ReadNode(state.arena(), sections.rbegin()->second);
  if (!target.ok() || !patch.ok() || *target == nullptr || *patch == nullptr) return;
  const auto merged = kustomize::StrategicMerge(state, *target, *patch);
  if (!merged.ok() || *merged == nullptr) return;
  const auto value = kustomize::ToValue(*merged);
  if (!value.ok()) return;
  Require(value::ParseJson(value::FormatJson(*value)).ok(), "the result is a document");
}

}  // namespace sluice::fuzz
