// The reconciliation of an ImageUpdateAutomation (spec/image.md §7, §8).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/api/image/image_update_automation.h"
#include "services/image-controller/image/reconciliation.h"
#include "services/image-controller/image_update/commit_and_push.h"

namespace sluice::image_controller {

class ImageUpdateReconciliation : public Reconciliation {
 public:
  // `updater` too must outlive it.
  ImageUpdateReconciliation(const Collaborators& with, const Updater& updater, Value object);

 protected:
  StatusParts status() override {
    return {status_.observed_generation, status_.conditions, status_.last_handled_reconcile_at};
  }
  Value EncodeStatus() const override { return status_.Encode(); }
  absl::Status ReadSpec(const Value& spec) override;
  Outcome Attempt(const Context& ctx) override;
  bool HasNews() const override { return pushed_.has_value(); }
  std::string EventMessage() const override;
  std::string QuietMessage() const override;

 private:
  // Until the remote holds still, a few times.
  absl::StatusOr<UpdateResult> Update(const Context& ctx, const UpdateRequest& request) const;
  // Has source-controller look at the repository now.
  void WakeSource(const Context& ctx) const;

  const Updater& updater_;
  api::ImageUpdateAutomationSpec spec_;
  api::ImageUpdateAutomationStatus status_;
  std::optional<Pushed> pushed_;
  bool unchanged_ = false;
};

}  // namespace sluice::image_controller
