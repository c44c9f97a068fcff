// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/target.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace sluice::kustomize_controller {

Target::Target(ClusterPtr cluster, const std::string& user)
    : cluster_(std::move(cluster)),
      actor_(absl::StrCat(cluster_->id, "\n", user)),
      impersonating_(user.empty() ? nullptr : kube::Impersonate(cluster_->client, user)) {}

std::string ImpersonatedUser(const api::KustomizationSpec& spec, const std::string& ns,
                             const Options& options) {
  const std::string& account = spec.service_account_name.empty()
                                   ? options.process.default_service_account
                                   : spec.service_account_name;
  if (account.empty()) return "";
  return absl::StrCat("system:serviceaccount:", ns, ":", account);
}

}  // namespace sluice::kustomize_controller
