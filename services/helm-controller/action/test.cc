// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/test.h"

#include <algorithm>

#include "services/helm-controller/action/hooks.h"
#include "services/helm-controller/action/release_request.h"

namespace sluice::helm_controller {

bool TestIsWanted(const std::vector<api::TestFilter>& filters, const std::string& name) {
  bool any_include = false;
  bool included = false;
  for (const api::TestFilter& filter : filters) {
    if (filter.exclude && filter.name == name) return false;
    any_include = any_include || !filter.exclude;
    included = included || (!filter.exclude && filter.name == name);
  }
  return included || !any_include;
}

absl::Status Test(const Context& ctx, const Environment& with, const api::TestSpec& spec,
                  helm_release::Record& record) {
  const absl::Status ran = RunHooks(
      ctx, with, helm::HookEvent::kTest,
      {.timeout = spec.timeout,
       .server_side = record.apply_method == "ssa",
       .filter = [&](const helm::Hook& hook) { return TestIsWanted(spec.filters, hook.name); }},
      record);
  const absl::Status stored = with.storage.Update(LastContext(ctx), record);
  return ran.ok() ? stored : ran;
}

}  // namespace sluice::helm_controller
