// From a Bucket's spec to the object store that it names (spec/source.md §5.1).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/api/source/bucket.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/bucket/object_store.h"
#include "common/http/transport.h"
#include "common/kube/client.h"

namespace sluice::source_controller {

// A store and what it works with. Thread-safe.
class BucketAccess {
 public:
  // Reads the Secrets of `spec` in `ns`. Errors carry the reason of FetchFailed. `clock` must
  // outlive the result.
  static absl::StatusOr<BucketAccess> Create(const Context& ctx, kube::Client& client,
                                             const std::string& ns, const api::BucketSpec& spec,
                                             Clock& clock);

  bucket::ObjectStore& store() const { return *store_; }

 private:
  BucketAccess() = default;

  std::unique_ptr<http::Transport> transport_;
  std::unique_ptr<http::Transport> sts_transport_;  // or null
  std::unique_ptr<bucket::ObjectStore> store_;
};

// Reasons with which only a change of the spec helps.
bool IsStallingBucketReason(absl::string_view reason);

}  // namespace sluice::source_controller
