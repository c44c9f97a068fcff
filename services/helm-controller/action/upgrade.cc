// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/upgrade.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm/instance.h"
#include "common/text/quote.h"
#include "common/value/merge_patch.h"
#include "services/helm-controller/action/apply.h"
#include "services/helm-controller/action/hooks.h"
#include "services/helm-controller/action/wait.h"

namespace sluice::helm_controller {
namespace {

using helm_release::Record;
using helm_release::Status;

// What the cluster is supposed to hold: the newest that was deployed; a release that never was, as
// it is.
absl::StatusOr<Record> Base(const std::vector<helm_release::Revision>& revisions,
                            const Record& last) {
  if (last.info.status == Status::kDeployed) return last;
  absl::StatusOr<Record> deployed = helm_release::DeployedOf(revisions);
  if (deployed.ok()) return deployed;
  if (last.info.status == Status::kFailed || last.info.status == Status::kSuperseded) return last;
  return absl::NotFoundError(absl::StrCat(text::Quote(last.name), " has no deployed releases"));
}

bool UsesServerSide(api::ApplyMode mode, const Record& before) {
  if (mode == api::ApplyMode::kAuto) return before.apply_method == "ssa";
  return mode == api::ApplyMode::kEnabled;
}

const Resource* FindSame(const Resources& resources, const Resource& wanted) {
  const auto same = std::find_if(resources.begin(), resources.end(),
                                 [&](const Resource& r) { return r.SameObject(wanted); });
  return same == resources.end() ? nullptr : &*same;
}

Resources Without(const Resources& resources, const Resources& others) {
  Resources rest;
  for (const Resource& resource : resources) {
    if (FindSame(others, resource) == nullptr) rest.push_back(resource);
  }
  return rest;
}

struct Plan {
  Resources originals;  // of the base, and what is adopted
  Resources targets;
  bool server_side;
  bool take_over_fields;
};

absl::StatusOr<Plan> MakePlan(const Context& ctx, const Environment& with,
                              const api::UpgradeSpec& spec, const Record& base,
                              const Record& record) {
  auto originals = BuildResources(ctx, with.discovery, base.manifest, record.ns);
  if (!originals.ok()) {
    return Annotate(originals.status(),
                    absl::IsFailedPrecondition(originals.status())
                        ? "current release manifest contains removed kubernetes api(s) for this "
                          "kubernetes version and it is therefore unable to build the kubernetes "
                          "objects for performing the diff. error from kubernetes"
                        : "unable to build kubernetes objects from current release manifest");
  }
  auto targets = BuildResources(ctx, with.discovery, record.manifest, record.ns);
  if (!targets.ok()) {
    return Annotate(targets.status(),
                    "unable to build kubernetes objects from new release manifest");
  }
  SetOwnership(record.name, record.ns, *originals);
  SetOwnership(record.name, record.ns, *targets);
  const Resources added = Without(*targets, *originals);
  Plan plan{*std::move(originals), *std::move(targets), record.apply_method == "ssa", false};
  plan.take_over_fields = plan.server_side && (base.apply_method != "ssa" || !added.empty());
  // Applying takes over whatever is there, without a look at it.
  if (plan.server_side && !spec.disable_take_ownership) return plan;
  const auto adopted =
      FindExisting(ctx, with, added, spec.disable_take_ownership, record.name, record.ns);
  if (!adopted.ok()) return Annotate(adopted.status(), "unable to continue with update");
  plan.originals.insert(plan.originals.end(), adopted->begin(), adopted->end());
  return plan;
}

absl::Status Perform(const Context& ctx, const Environment& with, const api::UpgradeSpec& spec,
                     Plan& plan, Record& record, Resources& created) {
  const HookOptions hooks = {
      .timeout = spec.timeout, .disable_wait = spec.disable_wait, .server_side = plan.server_side};
  if (!spec.disable_hooks) {
    RETURN_IF_ERROR(Annotate(RunHooks(ctx, with, helm::HookEvent::kPreUpgrade, hooks, record),
                             "pre-upgrade hooks failed"));
  }
  UpdateResult updated = UpdateAll(ctx, with, plan.originals,
                                   {.server_side = plan.server_side,
                                    .force_replace = spec.force && !plan.server_side,
                                    .take_over_fields = plan.take_over_fields,
                                    .tell_created = spec.cleanup_on_fail},
                                   plan.targets);
  created = std::move(updated.created);
  RETURN_IF_ERROR(updated.status);
  if (!spec.disable_wait) {
    RETURN_IF_ERROR(WaitUntilReady(ctx, with, plan.targets,
                                   {.timeout = spec.timeout, .jobs = !spec.disable_wait_for_jobs}));
  }
  if (spec.disable_hooks) return absl::OkStatus();
  return Annotate(RunHooks(ctx, with, helm::HookEvent::kPostUpgrade, hooks, record),
                  "post-upgrade hooks failed");
}

}  // namespace

absl::Status Upgrade(const Context& ctx, const Environment& with, const ReleaseRequest& request,
                     const api::UpgradeSpec& spec) {
  ASSIGN_OR_RETURN(const auto revisions, with.storage.List(ctx, request.name));
  absl::StatusOr<Record> last = helm_release::LastOf(revisions);
  if (!last.ok()) {
    return absl::NotFoundError(
        absl::StrCat(text::Quote(request.name), " has no deployed releases"));
  }
  if (helm_release::IsPending(last->info.status)) {
    return absl::FailedPreconditionError(
        "another operation (install/upgrade/rollback) is in progress");
  }
  ASSIGN_OR_RETURN(Record base, Base(revisions, *last));
  Value values = request.values;
  if (spec.preserve_values && base.config.is_object()) {
    values = value::ApplyMergePatch(base.config, values);
  }
  ASSIGN_OR_RETURN(const helm::RenderedRelease rendered,
                   RenderChart(ctx, with, request, values, last->version + 1, /*is_upgrade=*/true,
                               spec.disable_schema_validation));
  Record record;
  record.name = request.name;
  record.ns = base.ns;
  record.version = last->version + 1;
  record.apply_method = UsesServerSide(spec.server_side_apply, base) ? "ssa" : "csa";
  record.labels = base.labels;
  record.intent = request.intent;
  record.intent.action = "upgrade";
  record.info = {.first_deployed = base.info.first_deployed,
                 .last_deployed = with.Now(),
                 .deleted = "",
                 .description = "Preparing upgrade",
                 .status = Status::kPendingUpgrade,
                 .notes = ""};
  PutRendered(request, rendered, values, record);
  ASSIGN_OR_RETURN(Plan plan, MakePlan(ctx, with, spec, base, record));
  RETURN_IF_ERROR(with.storage.MakeRoom(ctx, request.name, revisions, request.max_history));
  RETURN_IF_ERROR(with.storage.Create(ctx, record));

  Resources created;
  absl::Status done = Perform(ctx, with, spec, plan, record, created);
  if (!done.ok()) {
    if (spec.cleanup_on_fail && !created.empty()) {
      const absl::Status cleaned =
          DeleteAll(LastContext(ctx), with, created, kube::Propagation::kBackground);
      if (!cleaned.ok()) {
        done = WithMessage(done, absl::StrCat("an error occurred while cleaning up resources. "
                                              "original upgrade error: ",
                                              done.message(), ": ", cleaned.message()));
      }
    }
    return StoreFailure(ctx, with, "Upgrade", done, record);
  }
  // In this order, there is a deployed revision at any time.
  const Context finish = LastContext(ctx);
  record.info.status = Status::kDeployed;
  record.info.description = "Upgrade complete";
  RETURN_IF_ERROR(with.storage.Update(finish, record));
  RETURN_IF_ERROR(SupersedeDeployed(finish, with, revisions, base.version));
  if (base.info.status == Status::kSuperseded) return absl::OkStatus();
  base.info.status = Status::kSuperseded;
  return with.storage.Update(finish, base);
}

}  // namespace sluice::helm_controller
