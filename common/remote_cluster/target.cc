// SPDX-License-Identifier: Apache-2.0
#include "common/remote_cluster/target.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace sluice::remote_cluster {

Target::Target(ClusterPtr cluster, const std::string& user)
    : cluster_(std::move(cluster)),
      actor_(absl::StrCat(cluster_->id, "\n", user)),
      impersonating_(user.empty() ? nullptr : kube::Impersonate(cluster_->client, user)) {}

std::string ServiceAccountUser(const std::string& ns, const std::string& account,
                               const std::string& fallback) {
  const std::string& name = account.empty() ? fallback : account;
  return name.empty() ? "" : absl::StrCat("system:serviceaccount:", ns, ":", name);
}

}  // namespace sluice::remote_cluster
