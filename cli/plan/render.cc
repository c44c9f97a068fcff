// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/render.h"

#include "absl/strings/str_cat.h"

namespace sluice::plan {

bool CanRead(const World& world, const std::string& kind, const std::string& name, bool optional,
             Unit& unit, std::vector<std::string>& missing) {
  const kube::ObjectKey key{unit.key.ns, name};
  const ClusterPlan::Place place = world.plan.Find("", kind, key);
  const std::string subject = absl::StrCat(kind, "/", key.ToString());
  if (place.object == nullptr) {
    if (!optional || !world.last_resort) {
      missing.push_back(absl::StrCat(subject, " is not in the repository"));
    }
    return false;
  }
  if (IsEncrypted(place.object->Parse())) {
    missing.push_back(absl::StrCat(subject, " is encrypted, and no local key opens it"));
    return false;
  }
  unit.secret |= place.unit->secret;
  return true;
}

void SetDependencies(const std::vector<api::Dependency>& dependencies, Unit& unit) {
  for (const api::Dependency& dependency : dependencies) {
    unit.depends_on.push_back(absl::StrCat(dependency.same_kind() ? unit.kind : dependency.kind,
                                           "/", dependency.key.ToString()));
  }
}

}  // namespace sluice::plan
