// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/dependencies.h"

#include <functional>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace sluice::plan {
namespace {

class Order {
 public:
  explicit Order(const ClusterPlan& plan) : plan_(plan) {}

  std::vector<Finding> Run() {
    for (const auto& unit : plan_.units()) {
      for (const std::string& dependency : unit->depends_on) {
        if (plan_.FindUnit(dependency) == nullptr) {
          Note(kDependencyMissing, *unit, "",
               absl::StrCat("dependsOn names ", dependency, ", which is not in the repository"));
        }
      }
      std::set<const Unit*> on_way;
      if (LeadsBack(*unit, *unit, on_way)) {
        Note(kDependencyMissing, *unit, "", "dependsOn leads back to where it starts");
      }
    }
    CheckDefinitions();
    return std::move(findings_);
  }

 private:
  void Note(const Rule& rule, const Unit& unit, std::string object, std::string message) {
    findings_.push_back({&rule, unit.subject(), std::move(object), unit.path, std::move(message)});
  }

  bool LeadsBack(const Unit& start, const Unit& at, std::set<const Unit*>& on_way) const {
    for (const std::string& dependency : at.depends_on) {
      const Unit* const next = plan_.FindUnit(dependency);
      if (next == &start) return true;
      if (next != nullptr && on_way.insert(next).second && LeadsBack(start, *next, on_way)) {
        return true;
      }
    }
    return false;
  }

  // Everything that is there before the objects of `unit` are applied.
  const std::set<const Unit*>& Before(const Unit& unit) {
    const auto [it, fresh] = before_.try_emplace(&unit);
    if (!fresh) return it->second;  // of a circle: what is known so far
    std::set<const Unit*> before;
    const auto add = [&](const Unit* other) {
      if (other == nullptr || !before.insert(other).second) return;
      const std::set<const Unit*>& more = Before(*other);
      before.insert(more.begin(), more.end());
    };
    add(plan_.FindUnit(unit.parent));
    for (const std::string& dependency : unit.depends_on) add(plan_.FindUnit(dependency));
    return before_[&unit] = std::move(before);
  }

  void CheckDefinitions() {
    std::map<std::string, const Unit*> definer;  // by "group/Kind"
    for (const auto& place : plan_.OfKind("apiextensions.k8s.io", "CustomResourceDefinition")) {
      const std::vector<std::string> parts = absl::StrSplit(place.object->defines, ' ');
      if (parts.size() == 4) definer[absl::StrCat(parts[0], "/", parts[1])] = place.unit;
    }
    if (definer.empty()) return;
    for (const auto& unit : plan_.units()) {
      if (unit->record == nullptr) continue;
      std::set<const Unit*> told;
      for (const PlannedObject& object : unit->record->objects()) {
        const auto found = definer.find(absl::StrCat(object.id.gvk.group, "/", object.id.gvk.kind));
        if (found == definer.end() || found->second == unit.get()) continue;
        if (!told.insert(found->second).second || IsThereBefore(*found->second, *unit)) continue;
        Note(kOrderUnsaid, *unit, object.id.Subject(),
             absl::StrCat("the kind is defined by ", found->second->subject(),
                          ", which is not depended on"));
      }
    }
  }

  // Whoever depends on a Kustomization has what comes out of it, too; but what comes out of one's
  // own ancestor beside oneself may come later.
  bool IsThereBefore(const Unit& definer, const Unit& unit) {
    const std::set<const Unit*>& before = Before(unit);
    if (before.contains(&definer)) return true;
    std::set<const Unit*> ancestors;
    for (const Unit* at = plan_.FindUnit(unit.parent); at != nullptr;
         at = plan_.FindUnit(at->parent)) {
      ancestors.insert(at);
    }
    for (const Unit* at = plan_.FindUnit(definer.parent); at != nullptr;
         at = plan_.FindUnit(at->parent)) {
      if (before.contains(at) && !ancestors.contains(at)) return true;
    }
    return false;
  }

  const ClusterPlan& plan_;
  std::map<const Unit*, std::set<const Unit*>> before_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> CheckDependencies(const ClusterPlan& plan) { return Order(plan).Run(); }

}  // namespace sluice::plan
