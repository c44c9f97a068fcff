// The live objects of a cluster, as far as somebody may get them, for explanations and trees.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/explain/explain.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/kube/object.h"
#include "common/ssa/object_id.h"

namespace sluice::explain {

// Not thread-safe. Everything must outlive it.
class LiveCluster {
 public:
  // Whether whoever asks may do `verb` ("get", "list") to the object, or to all of a namespace.
  using Allowed = std::function<absl::StatusOr<bool>(
      absl::string_view verb, const kube::Resource& resource, const kube::ObjectKey& key)>;

  // `allowed` is asked before each read; null for those who ask for themselves.
  LiveCluster(const Context& ctx, kube::Client& client, kube::Discovery& discovery, Allowed allowed)
      : ctx_(ctx), client_(client), discovery_(discovery), allowed_(std::move(allowed)) {}

  // kNotFound for one that is absent, kPermissionDenied for one that is not to be shown. A Secret
  // comes without its values.
  absl::StatusOr<Value> Get(const ssa::ObjectId& id) const;
  // The same for Explain(), where both are absent. Valid as long as this.
  Cluster AsCluster() const;

 private:
  absl::StatusOr<kube::ObjectPtr> Find(const ssa::ObjectId& id) const;
  absl::StatusOr<std::vector<kube::ObjectPtr>> Pods(const std::string& ns,
                                                    const Value& labels) const;

  const Context& ctx_;
  kube::Client& client_;
  kube::Discovery& discovery_;
  const Allowed allowed_;
};

}  // namespace sluice::explain
