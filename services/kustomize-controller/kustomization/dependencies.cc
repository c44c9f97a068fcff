// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/dependencies.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/api/kinds.h"
#include "common/api/meta/names.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/cel/ready_expression.h"
#include "common/kube/object.h"
#include "common/ssa/dependency.h"
#include "common/ssa/kstatus.h"

namespace sluice::kustomize_controller {
namespace {

using State = DependencyState;

// Longer chains are not followed when looking for a cycle.
constexpr size_t kLongestChain = 100;

DependencyCheck NotReady(std::string why) {
  return {State::kNotReady, absl::FailedPreconditionError(std::move(why))};
}

// The way from `from` back to `to` along dependsOn, as the watch has seen it; empty if none.
bool FindWay(const runtime::Store& store, const kube::ObjectKey& from, const kube::ObjectKey& to,
             std::vector<std::string>& way, std::vector<kube::ObjectKey>& seen) {
  if (way.size() > kLongestChain || std::find(seen.begin(), seen.end(), from) != seen.end()) {
    return false;
  }
  seen.push_back(from);
  const kube::ObjectPtr object = store.Find(from);
  if (object == nullptr) return false;
  way.push_back(from.ToString());
  for (const api::Dependency& next : api::DependenciesOf(*object)) {
    if (!next.same_kind()) continue;
    if (next.key == to || FindWay(store, next.key, to, way, seen)) return true;
  }
  way.pop_back();
  return false;
}

// What to add to a message if the dependency waits for `self` in turn; else "".
std::string DescribeCycle(const Neighbours& neighbours, const kube::ObjectKey& self,
                          const kube::ObjectKey& dependency) {
  std::vector<std::string> way = {self.ToString()};
  std::vector<kube::ObjectKey> seen;
  if (self != dependency && !FindWay(neighbours.store, dependency, self, way, seen)) return "";
  way.push_back(self.ToString());
  return absl::StrCat("; it never will be, the dependencies form a circle: ",
                      absl::StrJoin(way, " -> "));
}

DependencyCheck CheckExpression(const api::Dependency& dependency, const Value& self,
                                const Value& object) {
  const auto ready = cel::EvaluateReadyExpression(dependency.ready_expression, self, object);
  const std::string what = absl::StrCat("failed to evaluate dependency ", dependency.key.name);
  if (absl::IsInvalidArgument(ready.status())) {
    return {State::kInvalid,
            Annotate(ready.status(), absl::StrCat("Reconciliation failed terminally due to "
                                                  "configuration error: ",
                                                  what))};
  }
  if (!ready.ok()) return {State::kNotReady, Annotate(ready.status(), what)};
  if (*ready) return {};
  return NotReady(
      absl::StrCat(ssa::DependencyName(dependency), " is not ready according to readyExpr eval"));
}

DependencyCheck CheckStatus(const Neighbours& neighbours, const Value& self,
                            const api::KustomizationSpec& spec, const api::Dependency& dependency,
                            const Value& object, const std::string& revision) {
  if (!dependency.same_kind()) {
    if (ssa::ReadinessOf(object, absl::Now()) == ssa::Readiness::kCurrent) return {};
    return NotReady(absl::StrCat(ssa::DependencyName(dependency), " is not ready"));
  }
  const auto status = api::KustomizationStatus::Decode(object["status"]);
  if (status.conditions.all().empty() || status.observed_generation != kube::Generation(object) ||
      !status.conditions.IsTrue(api::kReady)) {
    return NotReady(absl::StrCat(ssa::DependencyName(dependency), " is not ready",
                                 DescribeCycle(neighbours, kube::KeyOf(self), dependency.key)));
  }
  if (api::SourceOf(object) == spec.source && status.last_applied_revision != revision) {
    // A revision that changes nothing for the dependency is not written to its status at once.
    const auto memory = neighbours.memories.Find(dependency.key);
    if (memory == nullptr || memory->shared().verified_revision != revision) {
      return NotReady(absl::StrCat(ssa::DependencyName(dependency), " revision is not up to date"));
    }
  }
  return {};
}

}  // namespace

DependencyCheck CheckDependencies(const Context& ctx, const Neighbours& neighbours,
                                  kube::Client& client, const Value& self,
                                  const api::KustomizationSpec& spec, const std::string& revision,
                                  bool additive) {
  for (const api::Dependency& dependency : spec.depends_on) {
    const auto object = ssa::ReadDependency(ctx, client, neighbours.discovery,
                                            api::KindOrDie("Kustomization"), dependency);
    if (!object.ok()) {
      return NotReady(
          absl::StrCat(ssa::DependencyName(dependency), " not found: ", object.status().message()));
    }
    const bool by_expression = !dependency.ready_expression.empty();
    DependencyCheck check;
    if (by_expression) check = CheckExpression(dependency, self, *object);
    if (check.state == State::kReady && (!by_expression || additive)) {
      check = CheckStatus(neighbours, self, spec, dependency, *object, revision);
    }
    if (check.state != State::kReady) return check;
  }
  return {};
}

}  // namespace sluice::kustomize_controller
