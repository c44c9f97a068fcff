// The reconciliation of an ImagePolicy (spec/image.md §5): of the repository's tags one is picked.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/api/image/image_policy.h"
#include "common/api/image/image_repository.h"
#include "services/image-controller/image/reconciliation.h"
#include "services/image-controller/image_policy/empty_reads.h"

namespace sluice::image_controller {

class ImagePolicyReconciliation : public Reconciliation {
 public:
  // `empty_reads` too must outlive it.
  ImagePolicyReconciliation(const Collaborators& with, EmptyReads& empty_reads, Value object);

 protected:
  StatusParts status() override {
    return {status_.observed_generation, status_.conditions, status_.last_handled_reconcile_at};
  }
  Value EncodeStatus() const override { return status_.Encode(); }
  absl::Status ReadSpec(const Value& spec) override;
  Outcome Attempt(const Context& ctx) override;
  absl::Status CleanUp() override;
  std::string QuietMessage() const override { return EventMessage(); }

 private:
  // The tag that the rules pick from what the last scan of `repository` found. Success() without
  // a tag never is.
  Outcome PickTag(const Value& repository, std::string& tag);
  absl::StatusOr<std::string> FetchDigest(const Context& ctx,
                                          const api::ImageRepositorySpec& repository,
                                          const api::ImageRef& image);

  EmptyReads& empty_reads_;
  api::ImagePolicySpec spec_;
  api::ImagePolicyStatus status_;
};

}  // namespace sluice::image_controller
