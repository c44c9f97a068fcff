// The reconciliation of an ImageRepository (spec/image.md §2): the registry's tags are listed,
// filtered, stored.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/api/image/image_repository.h"
#include "common/oci/client.h"
#include "services/image-controller/image/reconciliation.h"

namespace sluice::image_controller {

class ImageRepositoryReconciliation : public Reconciliation {
 public:
  ImageRepositoryReconciliation(const Collaborators& with, Value object);

 protected:
  StatusParts status() override {
    return {status_.observed_generation, status_.conditions, status_.last_handled_reconcile_at};
  }
  Value EncodeStatus() const override { return status_.Encode(); }
  absl::Status ReadSpec(const Value& spec) override;
  Outcome Attempt(const Context& ctx) override;
  absl::Status CleanUp() override { return with().tags.Remove(key()); }
  std::string QuietMessage() const override { return quiet_message_; }

 private:
  // Lists the tags of `repository` and stores them. Until all are known nothing changes.
  absl::Status Scan(const Context& ctx, oci::Client& registry, const oci::Repository& repository);

  api::ImageRepositorySpec spec_;
  api::ImageRepositoryStatus status_;
  std::string quiet_message_;
};

}  // namespace sluice::image_controller
