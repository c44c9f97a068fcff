// From a Bucket's spec to the object store that it names (spec/source.md §5.1).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/api/source/bucket.h"
#include "common/base/context.h"
#include "common/bucket/object_store.h"
#include "common/http/transport.h"
#include "services/source-controller/source/cloud_access.h"

namespace sluice::source_controller {

// A store and what it works with. Thread-safe.
class BucketAccess {
 public:
  // `object` has the spec; its Secrets are in the same namespace. Errors carry the reason of
  // FetchFailed, and say whether they stall (api/meta/reason.h). `cloud` must outlive the result.
  static absl::StatusOr<BucketAccess> Create(const Context& ctx, const CloudAccess& cloud,
                                             const kube::ObjectKey& object,
                                             const api::BucketSpec& spec);

  bucket::ObjectStore& store() const { return *store_; }

 private:
  BucketAccess() = default;

  std::shared_ptr<http::Transport> transport_;
  std::shared_ptr<http::Transport> sts_transport_;  // or null
  std::unique_ptr<bucket::ObjectStore> store_;
};

}  // namespace sluice::source_controller
