// Where and as whom objects are read and written (spec/kustomize.md §4.10, spec/helm.md §2.20).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/ssa/live_view.h"

namespace sluice::remote_cluster {

// A cluster, as the controller itself, or the kubeconfig's user, sees it. The members must outlive
// it.
struct Cluster {
  kube::Client& client;
  kube::Discovery& discovery;
  ssa::LiveView* live = nullptr;  // null: objects are not watched
  std::string id = {};            // tells it from others; "" is the controller's own
};
using ClusterPtr = std::shared_ptr<const Cluster>;

// A cluster, as the objects' user.
class Target {
 public:
  // `user` "" is whoever the cluster knows already.
  Target(ClusterPtr cluster, const std::string& user);

  kube::Client& client() const { return impersonating_ ? *impersonating_ : cluster_->client; }
  kube::Discovery& discovery() const { return cluster_->discovery; }
  ssa::LiveView* live() const { return cluster_->live; }
  // Who acts where: what was seen by one is not believed by another.
  const std::string& actor() const { return actor_; }
  // Of the cluster, whoever acts there.
  const std::string& cluster_id() const { return cluster_->id; }

 private:
  ClusterPtr cluster_;
  std::string actor_;
  std::unique_ptr<kube::Client> impersonating_;
};

// The user that service account `account`, or `fallback` if that is "", of namespace `ns` is; ""
// for neither: the controller itself.
std::string ServiceAccountUser(const std::string& ns, const std::string& account,
                               const std::string& fallback);

}  // namespace sluice::remote_cluster
