// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/rollback.h"

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "services/helm-controller/action/apply.h"
#include "services/helm-controller/action/hooks.h"
#include "services/helm-controller/action/release_request.h"
#include "services/helm-controller/action/wait.h"

namespace sluice::helm_controller {
namespace {

using helm_release::Record;
using helm_release::Status;

// Where it failed decides what is stored of it.
enum class Stage { kHooks, kUpdate, kWait };

absl::Status Perform(const Context& ctx, const Environment& with, const api::HelmActionSpec& spec,
                     const Record& last, Record& record, Stage& stage) {
  const bool server_side = record.apply_method == "ssa";
  const HookOptions hooks = {
      .timeout = spec.timeout, .disable_wait = spec.disable_wait, .server_side = server_side};
  stage = Stage::kHooks;
  auto originals = BuildResources(ctx, with.discovery, last.manifest, record.ns);
  if (!originals.ok()) {
    return Annotate(originals.status(),
                    "unable to build kubernetes objects from current release manifest");
  }
  auto targets = BuildResources(ctx, with.discovery, record.manifest, record.ns);
  if (!targets.ok()) {
    return Annotate(targets.status(),
                    "unable to build kubernetes objects from new release manifest");
  }
  SetOwnership(record.name, record.ns, *originals);
  SetOwnership(record.name, record.ns, *targets);
  if (!spec.disable_hooks) {
    RETURN_IF_ERROR(RunHooks(ctx, with, helm::HookEvent::kPreRollback, hooks, record));
  }
  stage = Stage::kUpdate;
  const UpdateResult updated = UpdateAll(ctx, with, *originals,
                                         {.server_side = server_side,
                                          .force_replace = spec.force && !server_side,
                                          .take_over_fields = true,
                                          .tell_created = spec.cleanup_on_fail},
                                         *targets);
  if (!updated.status.ok()) {
    if (spec.cleanup_on_fail) {
      DeleteAll(LastContext(ctx), with, updated.created, kube::Propagation::kBackground)
          .IgnoreError();  // the update's error is the one to tell
    }
    return updated.status;
  }
  stage = Stage::kWait;
  if (!spec.disable_wait) {
    RETURN_IF_ERROR(WaitUntilReady(ctx, with, *targets,
                                   {.timeout = spec.timeout, .jobs = !spec.disable_wait_for_jobs}));
  }
  if (spec.disable_hooks) return absl::OkStatus();
  stage = Stage::kHooks;
  return RunHooks(ctx, with, helm::HookEvent::kPostRollback, hooks, record);
}

}  // namespace

absl::Status Rollback(const Context& ctx, const Environment& with, const std::string& name,
                      int64_t target, int64_t max_history, const api::HelmActionSpec& spec,
                      const helm_release::Intent& intent) {
  ASSIGN_OR_RETURN(const auto revisions, with.storage.List(ctx, name));
  ASSIGN_OR_RETURN(Record last, helm_release::LastOf(revisions));
  absl::StatusOr<Record> previous = with.storage.Get(ctx, name, target);
  if (absl::IsNotFound(previous.status())) {
    return absl::NotFoundError(absl::StrCat("release has no ", target, " version"));
  }
  RETURN_IF_ERROR(previous.status());
  Record record = *std::move(previous);
  record.version = last.version + 1;
  record.intent = intent;
  record.intent.action = "rollback";
  if (spec.server_side_apply != api::ApplyMode::kAuto) {
    record.apply_method = spec.server_side_apply == api::ApplyMode::kEnabled ? "ssa" : "csa";
  }
  record.info.first_deployed = last.info.first_deployed;
  record.info.last_deployed = with.Now();
  record.info.deleted.clear();
  record.info.status = Status::kPendingRollback;
  record.info.description = absl::StrCat("Rollback to ", target);
  for (helm_release::HookRecord& hook : record.hooks) hook.last_run = {};
  RETURN_IF_ERROR(with.storage.MakeRoom(ctx, name, revisions, max_history));
  RETURN_IF_ERROR(with.storage.Create(ctx, record));

  Stage stage = Stage::kHooks;
  const absl::Status done = Perform(ctx, with, spec, last, record, stage);
  if (!done.ok()) {
    if (stage == Stage::kUpdate) {
      last.info.status = Status::kSuperseded;
      RETURN_IF_ERROR(with.storage.Update(LastContext(ctx), last));
    }
    // Helm leaves the revision pending when a hook fails; here nothing stays pending.
    return StoreFailure(ctx, with, stage == Stage::kWait ? "Release" : "Rollback", done, record);
  }
  // In this order, there is a deployed revision at any time.
  const Context finish = LastContext(ctx);
  record.info.status = Status::kDeployed;
  RETURN_IF_ERROR(with.storage.Update(finish, record));
  return SupersedeDeployed(finish, with, revisions, /*except=*/0);
}

}  // namespace sluice::helm_controller
