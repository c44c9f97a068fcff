// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/hooks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "services/helm-controller/action/apply.h"
#include "services/helm-controller/action/wait.h"

namespace sluice::helm_controller {
namespace {

using helm_release::HookRecord;

constexpr char kBeforeCreation[] = "before-hook-creation";
constexpr char kOnSuccess[] = "hook-succeeded";
constexpr char kOnFailure[] = "hook-failed";

// Without any policy a hook is deleted before it is created anew.
bool HasPolicy(const helm::Hook& hook, absl::string_view policy) {
  const auto& policies = hook.delete_policies;
  if (policies.empty()) return policy == kBeforeCreation;
  return std::find(policies.begin(), policies.end(), policy) != policies.end();
}

absl::Status DeleteHook(const Context& ctx, const Environment& with, const HookOptions& options,
                        const std::string& ns, const helm::Hook& hook, absl::string_view policy) {
  if (hook.kind == "CustomResourceDefinition" || !HasPolicy(hook, policy)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Resources resources,
                   BuildResources(ctx, with.discovery, hook.manifest, ns));
  RETURN_IF_ERROR(DeleteAll(ctx, with, resources, kube::Propagation::kBackground));
  if (options.disable_wait) return absl::OkStatus();
  return WaitUntilGone(ctx, with, resources, options.timeout);
}

// The hooks of the event in the order to run them; one that names the event twice is in it twice.
std::vector<HookRecord*> InOrder(helm::HookEvent event, const HookOptions& options,
                                 std::vector<HookRecord>& hooks) {
  std::vector<HookRecord*> chosen;
  for (HookRecord& record : hooks) {
    if (options.filter != nullptr && !options.filter(record.hook)) continue;
    for (const helm::HookEvent listed : record.hook.events) {
      if (listed == event) chosen.push_back(&record);
    }
  }
  std::stable_sort(chosen.begin(), chosen.end(), [](const HookRecord* a, const HookRecord* b) {
    if (a->hook.weight != b->hook.weight) return a->hook.weight < b->hook.weight;
    return a->hook.name < b->hook.name;
  });
  return chosen;
}

absl::Status RunOne(const Context& ctx, const Environment& with, helm::HookEvent event,
                    const HookOptions& options, helm_release::Record& record, HookRecord& hook) {
  RETURN_IF_ERROR(DeleteHook(ctx, with, options, record.ns, hook.hook, kBeforeCreation));
  auto resources = BuildResources(ctx, with.discovery, hook.hook.manifest, record.ns);
  if (!resources.ok()) {
    return Annotate(resources.status(),
                    absl::StrCat("unable to build kubernetes object for ", helm::ToText(event),
                                 " hook ", hook.hook.path));
  }
  hook.last_run = {.started_at = with.Now(), .completed_at = "", .phase = "Running"};
  RETURN_IF_ERROR(with.storage.Update(ctx, record));
  // As long as it is not over, whoever reads it finds it neither running nor done.
  hook.last_run.phase = "Unknown";
  const absl::Status created =
      CreateAll(ctx, with, {.server_side = options.server_side}, *resources);
  if (!created.ok()) {
    hook.last_run.completed_at = with.Now();
    hook.last_run.phase = "Failed";
    return Annotate(created, absl::StrCat("warning: Hook ", helm::ToText(event), " ",
                                          hook.hook.path, " failed"));
  }
  const absl::Status ready =
      WaitUntilReady(ctx, with, *resources, {.timeout = options.timeout, .hooks = true});
  hook.last_run.completed_at = with.Now();
  hook.last_run.phase = ready.ok() ? "Succeeded" : "Failed";
  return ready;
}

}  // namespace

absl::Status RunHooks(const Context& ctx, const Environment& with, helm::HookEvent event,
                      const HookOptions& options, helm_release::Record& record) {
  const std::vector<HookRecord*> hooks = InOrder(event, options, record.hooks);
  for (size_t i = 0; i < hooks.size(); ++i) {
    const absl::Status ran = RunOne(ctx, with, event, options, record, *hooks[i]);
    if (ran.ok()) continue;
    // What cannot be cleaned up is in the way of the next run, which will say so.
    DeleteHook(ctx, with, options, record.ns, hooks[i]->hook, kOnFailure).IgnoreError();
    for (size_t before = 0; before < i; ++before) {
      DeleteHook(ctx, with, options, record.ns, hooks[before]->hook, kOnSuccess).IgnoreError();
    }
    return ran;
  }
  for (auto hook = hooks.rbegin(); hook != hooks.rend(); ++hook) {
    RETURN_IF_ERROR(DeleteHook(ctx, with, options, record.ns, (*hook)->hook, kOnSuccess));
  }
  return absl::OkStatus();
}

}  // namespace sluice::helm_controller
