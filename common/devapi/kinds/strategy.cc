// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/kinds/strategy.h"

#include <algorithm>

#include "absl/strings/string_view.h"

namespace sluice::devapi {
namespace {

bool Listed(absl::string_view storage, std::initializer_list<absl::string_view> names) {
  return std::find(names.begin(), names.end(), storage) != names.end();
}

}  // namespace

Strategy StrategyOf(const Resource& resource) {
  Strategy strategy;
  const absl::string_view storage = resource.storage;
  if (resource.custom != nullptr) {
    strategy.has_status = resource.custom->has_status;
    strategy.unconditional_update = false;
    return strategy;
  }
  strategy.has_status = resource.FindSubresource("status") != nullptr;
  strategy.graceful = storage == "pods";
  strategy.create_on_update = Listed(
      storage,
      {"endpoints", "events", "limitranges", "services", "leases.coordination.k8s.io",
       "clusterroles.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io",
       "roles.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io"});
  strategy.unconditional_update =
      !Listed(storage, {"customresourcedefinitions.apiextensions.k8s.io",
                        "apiservices.apiregistration.k8s.io", "leases.coordination.k8s.io",
                        "poddisruptionbudgets.policy"});
  strategy.returns_deleted =
      Listed(storage, {"persistentvolumeclaims", "persistentvolumes", "pods", "podtemplates",
                       "resourcequotas", "serviceaccounts", "services", "csidrivers.storage.k8s.io",
                       "csinodes.storage.k8s.io", "csistoragecapacities.storage.k8s.io",
                       "storageclasses.storage.k8s.io", "volumeattachments.storage.k8s.io",
                       "volumeattributesclasses.storage.k8s.io"});
  strategy.orphans_by_default = Listed(storage, {"replicationcontrollers", "jobs.batch"});
  return strategy;
}

}  // namespace sluice::devapi
