// CallerView: the live objects of the cluster, as far as one caller may get them. Read with the
// controller's own rights after the caller's were checked.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/context.h"
#include "common/controller_rpc/guard.h"
#include "common/explain/explain.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/kube/object.h"
#include "common/ssa/object_id.h"

namespace sluice::controller_rpc {

// For one call; not thread-safe. Everything must outlive it.
class CallerView {
 public:
  CallerView(const Context& ctx, kube::Client& client, kube::Discovery& discovery, Guard& guard,
             const Session& session)
      : ctx_(ctx), client_(client), discovery_(discovery), guard_(guard), session_(session) {}

  // kNotFound for one that is absent, kPermissionDenied for one that the caller may not get.
  absl::StatusOr<Value> Get(const ssa::ObjectId& id) const;
  // The same for common/explain, where both are absent. Valid as long as this.
  explain::Cluster AsCluster() const;

 private:
  absl::StatusOr<kube::ObjectPtr> Find(const ssa::ObjectId& id) const;
  absl::StatusOr<std::vector<kube::ObjectPtr>> Pods(const std::string& ns,
                                                    const Value& labels) const;

  const Context& ctx_;
  kube::Client& client_;
  kube::Discovery& discovery_;
  Guard& guard_;
  const Session& session_;
};

}  // namespace sluice::controller_rpc
