// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/dependency.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::ssa {

std::string DependencyName(const api::Dependency& dependency) {
  return absl::StrCat("dependency '",
                      dependency.same_kind() ? dependency.key.ToString()
                                             : kube::Subject(dependency.kind, dependency.key),
                      "'");
}

absl::StatusOr<Value> ReadDependency(const Context& ctx, kube::Client& client,
                                     kube::Discovery& discovery, const kube::Resource& own,
                                     const api::Dependency& dependency) {
  if (dependency.same_kind()) return client.Get(ctx, own, dependency.key);
  ASSIGN_OR_RETURN(const kube::Resource resource,
                   discovery.Resolve(ctx, kube::ParseGvk(dependency.api_version, dependency.kind)));
  kube::ObjectKey key = dependency.key;
  if (!resource.namespaced) key.ns.clear();
  return client.Get(ctx, resource, key);
}

}  // namespace sluice::ssa
