// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/target.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace sluice::kustomize_controller {

Target::Target(const Cluster& cluster, std::string user)
    : cluster_(cluster),
      user_(std::move(user)),
      impersonating_(user_.empty() ? nullptr : kube::Impersonate(cluster.client, user_)) {}

std::string ImpersonatedUser(const api::KustomizationSpec& spec, const std::string& ns,
                             const Options& options) {
  const std::string& account = spec.service_account_name.empty()
                                   ? options.process.default_service_account
                                   : spec.service_account_name;
  if (account.empty()) return "";
  return absl::StrCat("system:serviceaccount:", ns, ":", account);
}

}  // namespace sluice::kustomize_controller
