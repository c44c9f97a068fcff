// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/compare.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/plan/danger.h"
#include "cli/plan/dependencies.h"
#include "cli/plan/masking.h"
#include "cli/plan/validator.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::plan {
namespace {

using Place = ClusterPlan::Place;

Place FindIn(const ClusterPlan& plan, const ssa::ObjectId& id) {
  return plan.Find(id.gvk.group, id.gvk.kind, id.key);
}

// Whether the object stays in the cluster when its unit no longer applies it.
bool StaysBehind(const Unit& unit, const PlannedObject& object, const Value& value) {
  if (!unit.prune || object.role != Role::kObject) return true;
  if (unit.kind == "HelmRelease")
    return kube::Annotation(value, "helm.sh/resource-policy") == "keep";
  return kube::Annotation(value, "kustomize.toolkit.fluxcd.io/prune") == "disabled" ||
         kube::Label(value, "kustomize.toolkit.fluxcd.io/prune") == "disabled" ||
         kube::Annotation(value, "kustomize.toolkit.fluxcd.io/reconcile") == "disabled";
}

void SortWorstFirst(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return a.rule->level > b.rule->level;
  });
}

std::vector<Finding> FindingsOf(const ClusterPlan& plan) {
  std::vector<Finding> findings;
  for (const auto& unit : plan.units()) {
    findings.insert(findings.end(), unit->findings.begin(), unit->findings.end());
  }
  for (Finding& finding : CheckDependencies(plan)) findings.push_back(std::move(finding));
  return findings;
}

// What validation has to say of one object of `place`.
std::vector<Finding> FindingsOf(const Place& place, const Verdict& verdict) {
  std::vector<Finding> findings;
  const auto add = [&](const Rule& rule, std::string message) {
    findings.push_back({&rule, place.unit->subject(), place.object->id.Subject(), place.unit->path,
                        std::move(message)});
  };
  if (!verdict.known) {
    add(kKindUnknown, absl::StrCat("no definition of ", place.object->id.gvk.kind, " in ",
                                   place.object->id.gvk.api_version()));
  }
  for (const std::string& error : verdict.errors) add(kInvalidObject, error);
  for (const std::string& field : verdict.unknown_fields) add(kUnknownField, field);
  return findings;
}

class Comparison {
 public:
  Comparison(const ClusterPlan& from, const ClusterPlan& to, const CompareOptions& options)
      : from_(from), to_(to), options_(options), masking_({&from, &to}), validator_(to) {}

  absl::StatusOr<Report> Run(const Context& ctx) {
    for (const auto& unit : to_.units()) {
      RETURN_IF_ERROR(ctx.Check());
      if (unit->record == nullptr) continue;
      const Unit* const before = from_.FindUnit(unit->subject());
      if (before != nullptr && before->record != nullptr &&
          before->record->digest() == unit->record->digest()) {
        continue;
      }
      for (const PlannedObject& object : unit->record->objects()) CompareObject(*unit, object);
    }
    for (const auto& unit : from_.units()) {
      RETURN_IF_ERROR(ctx.Check());
      const Unit* const after = to_.FindUnit(unit->subject());
      if (unit->record == nullptr || (after != nullptr && after->record == nullptr)) continue;
      if (after != nullptr && after->record->digest() == unit->record->digest()) continue;
      for (const PlannedObject& object : unit->record->objects()) CompareGone(*unit, object);
    }
    for (Finding& danger : PruneDangers(report_.changes, options_.prune_budget)) {
      report_.findings.push_back(std::move(danger));
    }
    AddNewFindings();
    for (Finding& finding : report_.findings) {
      finding.message = masking_.Mask(std::move(finding.message));
    }
    SortWorstFirst(report_.findings);
    report_.units = to_.units().size();
    report_.objects = to_.object_count();
    return std::move(report_);
  }

 private:
  void CompareObject(const Unit& unit, const PlannedObject& object) {
    const Place owner = FindIn(to_, object.id);
    if (owner.unit != &unit) return;  // another applies it first, which a finding says
    const Place before = FindIn(from_, object.id);
    const bool same_unit = before.unit != nullptr && before.unit->subject() == unit.subject();
    if (before.object != nullptr && before.object->json == object.json && same_unit) return;
    ObjectChange change;
    change.type = before.object == nullptr ? ChangeType::kCreate : ChangeType::kChange;
    change.id = object.id;
    change.unit = unit.subject();
    if (before.unit != nullptr && !same_unit) change.moved_from = before.unit->subject();
    change.suspended = unit.suspended;
    const Value after_value = object.Parse();
    const Value before_value = before.object == nullptr ? Value() : before.object->Parse();
    if (before.object != nullptr) {
      change.fields = masking_.Mask(object, DiffFields(before_value, after_value));
    }
    Judge(change, before_value, after_value);
    Validate({&unit, &object}, before_value, after_value);
    report_.changes.push_back(std::move(change));
  }

  void CompareGone(const Unit& unit, const PlannedObject& object) {
    if (FindIn(from_, object.id).unit != &unit || FindIn(to_, object.id).object != nullptr) return;
    if (object.role == Role::kHook) return;
    const Value value = object.Parse();
    ObjectChange change;
    const Unit* const after = to_.FindUnit(unit.subject());
    const Unit& decides = after != nullptr ? *after : unit;
    change.type = StaysBehind(decides, object, value) ? ChangeType::kLeave : ChangeType::kDelete;
    change.id = object.id;
    change.unit = unit.subject();
    change.suspended = decides.suspended;
    Judge(change, value, Value());
    report_.changes.push_back(std::move(change));
  }

  void Judge(const ObjectChange& change, const Value& before, const Value& after) {
    for (Finding& danger : DangersOf(change, before, after)) {
      report_.findings.push_back(std::move(danger));
    }
  }

  void Validate(const Place& place, const Value& before, const Value& after) {
    if (IsEncrypted(after)) return;
    const Verdict verdict = validator_.CheckCreate(after);
    for (Finding& finding : FindingsOf(place, verdict)) {
      report_.findings.push_back(std::move(finding));
    }
    // A Job or a hook that is there is deleted and made anew.
    if (before.is_null() || !verdict.errors.empty() || place.object->role == Role::kHook) return;
    const std::vector<std::string> errors = validator_.CheckUpdate(after, before).errors;
    if (errors.empty()) return;
    const bool forced = kube::Annotation(after, "kustomize.toolkit.fluxcd.io/force") == "enabled" ||
                        place.unit->object["spec"]["force"].bool_or(false);
    report_.findings.push_back(
        {&kImmutableChange, place.unit->subject(), place.object->id.Subject(), place.unit->path,
         absl::StrCat(absl::StrJoin(errors, "; "),
                      forced ? " (force: it is deleted and made anew)" : "")});
  }

  void AddNewFindings() {
    const std::vector<Finding> old = FindingsOf(from_);
    for (Finding& finding : FindingsOf(to_)) {
      if (std::find(old.begin(), old.end(), finding) == old.end()) {
        report_.findings.push_back(std::move(finding));
      }
    }
  }

  const ClusterPlan& from_;
  const ClusterPlan& to_;
  const CompareOptions& options_;
  const Masking masking_;
  Validator validator_;
  Report report_;
};

class Tester {
 public:
  explicit Tester(const ClusterPlan& plan) : plan_(plan), masking_({&plan}), validator_(plan) {}

  absl::StatusOr<Report> Run(const Context& ctx) {
    report_.findings = FindingsOf(plan_);
    for (const auto& unit : plan_.units()) {
      RETURN_IF_ERROR(ctx.Check());
      CheckUnit(*unit);
      if (unit->record == nullptr) continue;
      for (const PlannedObject& object : unit->record->objects())
        CheckObject({unit.get(), &object});
    }
    for (Finding& finding : report_.findings) {
      finding.message = masking_.Mask(std::move(finding.message));
    }
    SortWorstFirst(report_.findings);
    report_.units = plan_.units().size();
    report_.objects = plan_.object_count();
    return std::move(report_);
  }

 private:
  void Add(Check::Result result, const Unit& unit, std::string object, absl::string_view rule,
           std::string reason) {
    report_.checks.push_back({result, unit.subject(), std::move(object), unit.path,
                              std::string(rule), masking_.Mask(std::move(reason))});
  }

  // The worst of what is known about a unit by itself.
  void CheckUnit(const Unit& unit) {
    const Finding* worst = nullptr;
    for (const Finding& finding : report_.findings) {
      if (finding.unit != unit.subject() || !finding.object.empty()) continue;
      if (worst == nullptr || finding.rule->level > worst->rule->level) worst = &finding;
    }
    if (worst != nullptr && worst->rule->level == Level::kError) {
      Add(Check::Result::kFail, unit, "", worst->rule->id, worst->message);
    } else if (unit.record == nullptr) {
      Add(Check::Result::kSkip, unit, "", worst == nullptr ? "" : worst->rule->id,
          worst == nullptr ? "" : worst->message);
    } else {
      Add(Check::Result::kPass, unit, "", "", "");
    }
  }

  void CheckObject(const Place& place) {
    const std::string subject = place.object->id.Subject();
    const Value object = place.object->Parse();
    if (IsEncrypted(object)) {
      Add(Check::Result::kSkip, *place.unit, subject, kEncrypted.id, "no local key decrypts it");
      return;
    }
    const Verdict verdict = validator_.CheckCreate(object);
    for (Finding& finding : FindingsOf(place, verdict))
      report_.findings.push_back(std::move(finding));
    if (!verdict.errors.empty()) {
      Add(Check::Result::kFail, *place.unit, subject, kInvalidObject.id,
          absl::StrJoin(verdict.errors, "; "));
    } else if (!verdict.known) {
      Add(Check::Result::kSkip, *place.unit, subject, kKindUnknown.id,
          "no definition of the kind is at hand");
    } else {
      Add(Check::Result::kPass, *place.unit, subject, "", "");
    }
  }

  const ClusterPlan& plan_;
  const Masking masking_;
  Validator validator_;
  Report report_;
};

}  // namespace

absl::StatusOr<Report> Compare(const Context& ctx, const ClusterPlan& from, const ClusterPlan& to,
                               const CompareOptions& options) {
  return Comparison(from, to, options).Run(ctx);
}

absl::StatusOr<Report> Test(const Context& ctx, const ClusterPlan& plan) {
  return Tester(plan).Run(ctx);
}

}  // namespace sluice::plan
