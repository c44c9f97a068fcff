// The reconciliation of a Bucket (spec/source.md §5.1): list, download what is new, pack, publish.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "common/api/source/bucket.h"
#include "common/disk/temp_dir.h"
#include "services/source-controller/bucket/access.h"
#include "services/source-controller/bucket/fetch.h"
#include "services/source-controller/source/reconciliation.h"

namespace sluice::source_controller {

class BucketReconciliation : public Reconciliation {
 public:
  // `cloud` too must outlive it.
  BucketReconciliation(const Collaborators& with, const CloudAccess& cloud, Value object);

 protected:
  absl::Status ReadSpec(const Value& spec) override;
  Outcome Publish(const Context& ctx) override;
  void EncodeObserved(Value& status) const override;
  std::string ArtifactEventMessage() const override;

 private:
  Outcome Unchanged();
  Outcome Store(const Context& ctx, const disk::TempDir& directory, const std::string& revision);

  const CloudAccess& cloud_;
  api::BucketSpec spec_;
  std::optional<std::string> observed_ignore_;
  ObjectIndex index_;
};

}  // namespace sluice::source_controller
