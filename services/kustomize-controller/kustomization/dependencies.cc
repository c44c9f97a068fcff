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
#include "common/cel/program.h"
#include "common/kube/object.h"
#include "common/ssa/kstatus.h"

namespace sluice::kustomize_controller {
namespace {

using State = DependencyState;

// Longer chains are not followed when looking for a cycle.
constexpr size_t kLongestChain = 100;

// Whether an expression of this type may give a boolean.
bool MayBeBool(const cel::TypePtr& type) {
  return type->kind == cel::Type::Kind::kBool || type->kind == cel::Type::Kind::kDyn;
}

DependencyCheck NotReady(std::string why) {
  return {State::kNotReady, absl::FailedPreconditionError(std::move(why))};
}

std::string Named(const api::Dependency& dependency) {
  return absl::StrCat("dependency '",
                      dependency.same_kind() ? dependency.key.ToString()
                                             : kube::Subject(dependency.kind, dependency.key),
                      "'");
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

absl::StatusOr<Value> Read(const Context& ctx, const Neighbours& neighbours, kube::Client& client,
                           const api::Dependency& dependency) {
  if (dependency.same_kind()) {
    return client.Get(ctx, api::KindOrDie("Kustomization"), dependency.key);
  }
  ASSIGN_OR_RETURN(
      kube::Resource resource,
      neighbours.discovery.Resolve(ctx, kube::ParseGvk(dependency.api_version, dependency.kind)));
  kube::ObjectKey key = dependency.key;
  if (!resource.namespaced) key.ns.clear();
  return client.Get(ctx, resource, key);
}

DependencyCheck CheckExpression(const api::Dependency& dependency, const Value& self,
                                const Value& object) {
  const std::string& text = dependency.ready_expression;
  const auto program =
      cel::Program::Compile(text, {{.name = "self"}, {.name = "dep"}}, cel::Features::Flux());
  absl::Status invalid = program.status();
  if (invalid.ok() && !MayBeBool((*program)->type())) {
    invalid = absl::InvalidArgumentError(
        absl::StrCat("the CEL expression '", text, "' does not give a boolean"));
  }
  if (!invalid.ok()) {
    return {State::kInvalid,
            Annotate(invalid, absl::StrCat("Reconciliation failed terminally due to configuration "
                                           "error: failed to evaluate dependency ",
                                           dependency.key.name))};
  }
  cel::Bindings bindings;
  bindings.Bind("self", self);
  bindings.Bind("dep", object);
  const cel::Outcome outcome = (*program)->Evaluate(bindings);
  if (!outcome.value.ok()) {
    return NotReady(absl::StrCat("failed to evaluate dependency ", dependency.key.name,
                                 ": failed to evaluate the CEL expression '", text,
                                 "': ", outcome.value.status().message()));
  }
  if (!outcome.value->is_bool()) {
    return NotReady(absl::StrCat("failed to evaluate dependency ", dependency.key.name,
                                 ": the CEL expression '", text, "' gave no boolean"));
  }
  if (!outcome.value->bool_or(false)) {
    return NotReady(absl::StrCat(Named(dependency), " is not ready according to readyExpr eval"));
  }
  return {};
}

DependencyCheck CheckStatus(const Neighbours& neighbours, const Value& self,
                            const api::KustomizationSpec& spec, const api::Dependency& dependency,
                            const Value& object, const std::string& revision) {
  if (!dependency.same_kind()) {
    if (ssa::ReadinessOf(object, absl::Now()) == ssa::Readiness::kCurrent) return {};
    return NotReady(absl::StrCat(Named(dependency), " is not ready"));
  }
  const auto status = api::KustomizationStatus::Decode(object["status"]);
  if (status.conditions.all().empty() || status.observed_generation != kube::Generation(object) ||
      !status.conditions.IsTrue(api::kReady)) {
    return NotReady(absl::StrCat(Named(dependency), " is not ready",
                                 DescribeCycle(neighbours, kube::KeyOf(self), dependency.key)));
  }
  if (api::SourceOf(object) == spec.source && status.last_applied_revision != revision) {
    // A revision that changes nothing for the dependency is not written to its status at once.
    const auto memory = neighbours.memories.Find(dependency.key);
    if (memory == nullptr || memory->shared().verified_revision != revision) {
      return NotReady(absl::StrCat(Named(dependency), " revision is not up to date"));
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
    const auto object = Read(ctx, neighbours, client, dependency);
    if (!object.ok()) {
      return NotReady(absl::StrCat(Named(dependency), " not found: ", object.status().message()));
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
