// Discovery: which resource serves a kind. Asked once per group and version, and again when a kind
// is not among the answers, so that kinds of CRDs applied a moment ago are found.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/kube/gvk.h"

namespace sluice::kube {

// Thread-safe. `client` must outlive it.
class Discovery {
 public:
  explicit Discovery(Client& client) : client_(client) {}

  // kNotFound, worded as kubectl does (`no matches for kind "X" in version "g/v"`), if the server
  // serves no such kind.
  absl::StatusOr<Resource> Resolve(const Context& ctx, const GroupVersionKind& gvk);

  // Forgets everything, for example after CRDs were applied.
  void Invalidate();

 private:
  absl::Status Refresh(const Context& ctx, const std::string& group, const std::string& version);

  Client& client_;
  absl::Mutex mutex_;
  absl::flat_hash_map<GroupVersionKind, Resource> resources_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::kube
