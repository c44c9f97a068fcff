// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_update/reconciliation.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/api/meta/reason.h"
#include "common/base/duration.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/log/log.h"
#include "services/image-controller/image_update/policies.h"

namespace sluice::image_controller {
namespace {

constexpr char kFailure[] = "Failure";
constexpr char kUpToDate[] = "repository up-to-date";
constexpr char kSetters[] = "Setters";
// Attempts of one run while others push to the same branch.
constexpr int kAttempts = 3;

}  // namespace

ImageUpdateReconciliation::ImageUpdateReconciliation(const Collaborators& with,
                                                     const Updater& updater, Value object)
    : Reconciliation(with, "ImageUpdateAutomation", std::move(object)),
      updater_(updater),
      status_(api::ImageUpdateAutomationStatus::Decode(this->object()["status"])) {}

absl::Status ImageUpdateReconciliation::ReadSpec(const Value& spec) {
  ASSIGN_OR_RETURN(spec_, api::DecodeImageUpdateAutomationSpec(key().ns, spec));
  return absl::OkStatus();
}

std::string ImageUpdateReconciliation::EventMessage() const {
  return pushed_.has_value() ? pushed_->Summary() : kUpToDate;
}

std::string ImageUpdateReconciliation::QuietMessage() const {
  return unchanged_ ? "no change since last reconciliation" : kUpToDate;
}

Outcome ImageUpdateReconciliation::Attempt(const Context& ctx) {
  status_.last_automation_run_time = started();
  if (const absl::Status shown = ShowProgress(ctx); !shown.ok()) {
    return Outcome::Failed(kFailure, shown);
  }
  const auto selector = SelectorOf(spec_.policy_selector);
  if (!selector.ok()) {
    return Outcome::Stalled(
        "InvalidPolicySelector",
        absl::StrCat("failed to parse policy selector: ", selector.status().message()));
  }
  const auto policies = PickedImages(ctx, with().client, key().ns, *selector);
  if (!policies.ok()) return Outcome::Failed(kFailure, policies.status());
  const auto source = FindGitSource(ctx, with(), key(), spec_);
  if (api::IsStalling(source.status())) {
    return Outcome::Stalled(api::ReasonOf(source.status(), kFailure), source.status().message());
  }
  if (!source.ok()) {
    return Outcome::Failed("SourceManagerFailed",
                           Annotate(source.status(), "failed configuring source manager"));
  }
  ForgetFailure("SourceManagerFailed");
  if (spec_.update_strategy != kSetters) {
    return Outcome::Stalled("InvalidUpdateStrategy",
                            absl::StrCat("unsupported update strategy: ", spec_.update_strategy));
  }
  const bool must_look =
      *policies != status_.observed_policies || source->switches || !spec_.push_refspec.empty();
  const auto& gates = with().options.process.feature_gates;
  const auto result =
      Update(ctx, {.automation = key(),
                   .spec = spec_,
                   .source = *source,
                   .policies = *policies,
                   .last_revision = must_look ? "" : status_.observed_source_revision,
                   .force = gates.Enabled(kGitForcePushBranch),
                   .extend_branch = gates.Enabled(kGitAllBranchReferences)});
  if (api::IsStalling(result.status())) {
    return Outcome::Stalled(api::ReasonOf(result.status(), kFailure), result.status().message());
  }
  if (!result.ok()) {
    return Outcome::Failed(api::ReasonOf(result.status(), kGitOperationFailed), result.status());
  }
  for (const image_setters::SkippedFile& file : result->skipped) {
    log::Info(ctx, "file with policy markers is left as it is",
              {{"path", file.path}, {"reason", file.problem.message()}});
  }
  unchanged_ = result->unchanged;
  if (!unchanged_) {
    status_.observed_source_revision = result->revision;
    status_.observed_policies = *policies;
  }
  if (result->pushed.has_value()) {
    pushed_ = result->pushed;
    status_.last_push_commit = pushed_->commit;
    status_.last_push_time = with().clock.Now();
    log::Info(ctx, "pushed commit", {{"revision", pushed_->commit}, {"branch", pushed_->branch}});
    if (source->is_followed) WakeSource(ctx);
  }
  return Outcome::Success(kUpToDate, spec_.interval);
}

absl::StatusOr<UpdateResult> ImageUpdateReconciliation::Update(const Context& ctx,
                                                               const UpdateRequest& request) const {
  for (int attempt = 1;; ++attempt) {
    auto result = updater_.Run(ctx, request);
    if (!absl::IsAborted(result.status()) || attempt == kAttempts) return result;
    log::Info(ctx, "the remote has moved, starting anew", {{"reason", result.status().message()}});
  }
}

void ImageUpdateReconciliation::WakeSource(const Context& ctx) const {
  const Value patch = {
      {"metadata",
       {{"annotations",
         {{api::kReconcileRequestAnnotation, FormatRfc3339Nano(with().clock.Now())}}}}}};
  const auto woken =
      with().client.Patch(ctx, api::KindOrDie("GitRepository"), spec_.source,
                          kube::PatchType::kMerge, patch, {.field_manager = kFieldManager});
  if (!woken.ok()) {
    // It looks by itself before long.
    log::Info(ctx, "source not woken after the push", {{"reason", woken.status().message()}});
  }
}

}  // namespace sluice::image_controller
