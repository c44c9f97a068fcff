// SPDX-License-Identifier: Apache-2.0
#include "common/explain/explain.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/condition.h"
#include "common/api/meta/names.h"
#include "common/base/status_macros.h"
#include "common/explain/causes.h"
#include "common/explain/references.h"
#include "common/explain/workload.h"
#include "common/ssa/kstatus.h"

namespace sluice::explain {
namespace {

constexpr size_t kMaxDepth = 32;

bool IsOurs(const ssa::ObjectId& id) {
  const kube::Resource* resource = api::FindKind(id.gvk.kind);
  return resource != nullptr && (id.gvk.group.empty() || resource->group == id.gvk.group);
}

// What an object of ours says of itself.
struct State {
  explicit State(const Value& object)
      : conditions(api::Conditions::Decode(object["status"]["conditions"])),
        suspended(object["spec"]["suspend"].bool_or(false)),
        behind(object["status"]["observedGeneration"].int_or(0) < kube::Generation(object)) {
    if (const api::Condition* condition = conditions.Find(api::kReady)) ready = *condition;
  }

  bool is_ready() const {
    return ready.has_value() && ready->status == api::ConditionStatus::kTrue;
  }
  bool has_failed() const {
    return ready.has_value() && ready->status == api::ConditionStatus::kFalse;
  }
  std::string Words() const {
    if (suspended) return "suspended";
    if (!ready.has_value()) return "no status yet";
    return absl::StrCat(ready->reason, ": ", ready->message);
  }

  api::Conditions conditions;
  std::optional<api::Condition> ready;
  bool suspended;
  bool behind;  // the controller has not looked at the present spec
};

// A kind that gets no status, because nothing is reconciled for it.
bool HasNoStatus(const Value& object) {
  const absl::string_view kind = object["kind"].str();
  return (kind == "HelmRepository" && object["spec"]["type"].str() == "oci") ||
         kind == "ExternalArtifact";
}

// What counts as wrong with an object that another one needs.
enum class Asked {
  kReadiness,  // what keeps it from being Ready: the other waits for no more than that
  kAnything,   // also what keeps it from what is new: suspension, a source that fails
};

class Walk {
 public:
  Walk(const Cluster& cluster, absl::Time now) : cluster_(cluster), now_(now) {}

  absl::StatusOr<Explanation> Run(const ssa::ObjectId& asked) {
    ASSIGN_OR_RETURN(const kube::ObjectPtr object, Find(asked));
    if (object == nullptr) {
      return absl::NotFoundError(absl::StrCat(asked.Subject(), " not found"));
    }
    // Found already: the first step takes no second read.
    ASSIGN_OR_RETURN(const bool failing, Visit(asked, "", object, Asked::kAnything));
    if (failing) return std::move(failure_);
    if (under_way_.has_value()) return *std::move(under_way_);
    Explanation healthy;
    healthy.path = {{asked, "", State(*object).Words()}};
    healthy.summary = absl::StrCat(asked.Subject(), " is well, and so is what it depends on");
    return healthy;
  }

 private:
  // Each looks at one thing and says whether it has found the cause, which is then in failure_.
  using Found = absl::StatusOr<bool>;

  absl::StatusOr<kube::ObjectPtr> Find(const ssa::ObjectId& id) {
    if (++reads_ > kMaxReads) return absl::ResourceExhaustedError("too many objects");
    return cluster_.find(id);
  }

  bool Fail(absl::string_view cause, std::string summary) {
    failure_ = {Verdict::kFailing, path_, std::string(cause), std::move(summary),
                CauseOrDie(cause).fix};
    return true;
  }

  // Remembered in case nothing fails.
  void UnderWay(absl::string_view cause, std::string summary) {
    if (under_way_.has_value()) return;
    under_way_ = {Verdict::kProgressing, path_, std::string(cause), std::move(summary),
                  CauseOrDie(cause).fix};
  }

  // Goes on to what a reference names; `missing` is the cause if it is not there.
  Found Follow(const Reference& reference, absl::string_view missing, Asked asked) {
    const bool again = std::any_of(path_.begin(), path_.end(), [&](const Step& step) {
      return step.object.SameObject(reference.object);
    });
    if (again && reference.relation != "dependsOn") return false;
    if (again) {
      path_.push_back({reference.object, reference.relation, "on the path already"});
      return Fail("dependency-cycle",
                  absl::StrCat("the dependencies form a circle that comes back to ",
                               reference.object.Subject()));
    }
    if (reads_ >= kMaxReads || path_.size() >= kMaxDepth) return false;
    ASSIGN_OR_RETURN(const kube::ObjectPtr object, Find(reference.object));
    if (object != nullptr) {
      return Visit(reference.object, reference.relation, object, asked);
    }
    path_.push_back({reference.object, reference.relation, "not found"});
    return Fail(missing, absl::StrCat(reference.object.Subject(), ", named by ",
                                      path_[path_.size() - 2].object.Subject(), " (",
                                      reference.relation, "), does not exist"));
  }

  Found Visit(const ssa::ObjectId& id, const std::string& relation, const kube::ObjectPtr& object,
              Asked asked) {
    if (!IsOurs(id)) return VisitApplied(id, relation, object);
    const State state(*object);
    if (asked == Asked::kReadiness && state.is_ready() && !state.behind) return false;
    path_.push_back({id, relation, state.Words()});
    ASSIGN_OR_RETURN(const bool found, Look(*object, state));
    if (!found) path_.pop_back();
    return found;
  }

  Found Look(const Value& object, const State& state) {
    const std::string subject = path_.back().object.Subject();
    if (kube::Deleting(object)) {
      if (state.has_failed()) return FailAsSaid(state);
      return Fail("deletion-blocked",
                  absl::StrCat(subject, " is being deleted and is not gone yet"));
    }
    if (state.suspended) return Fail("suspended", absl::StrCat(subject, " is suspended"));
    if (HasNoStatus(object)) return FollowSources(object, Asked::kAnything);
    if (state.has_failed()) return LookAtFailure(object, *state.ready, state);
    // Ready, or on its way: whatever fails on the way to it, or of what it applied, is the cause.
    if (!state.is_ready()) {
      ASSIGN_OR_RETURN(const bool dependency, FollowDependencies(object));
      if (dependency) return true;
    }
    ASSIGN_OR_RETURN(const bool source, FollowSources(object, Asked::kAnything));
    if (source) return true;
    ASSIGN_OR_RETURN(const bool applied, FollowInventory(object, /*missing_too=*/true));
    if (applied) return true;
    if (!state.ready.has_value()) {
      UnderWay("not-reconciled", absl::StrCat(subject, " was not reconciled yet"));
    } else if (!state.is_ready() || state.behind) {
      UnderWay("in-progress", absl::StrCat(subject, ": ", state.Words()));
    }
    return false;
  }

  // Ready is False: where to look first is what the reason says.
  Found LookAtFailure(const Value& object, const api::Condition& ready, const State& state) {
    const absl::string_view kind = object["kind"].str();
    const bool waits_for_source = ready.reason == "SourceNotReady" ||
                                  ready.reason == "SourceUnavailable" ||
                                  ready.reason == "ArtifactFailed" || ready.reason == "NotFound" ||
                                  ready.reason == "NoSourceArtifact" || kind == "ImagePolicy" ||
                                  kind == "ArtifactGenerator" || kind == "ImageUpdateAutomation";
    if (ready.reason == "DependencyNotReady" && kind != "ImagePolicy") {
      ASSIGN_OR_RETURN(const bool dependency, FollowDependencies(object));
      if (dependency) return true;
      if (absl::string_view(ready.message).find("readyExpr") != absl::string_view::npos) {
        return Fail("dependency-expression", ready.message);
      }
      UnderWay("in-progress",
               absl::StrCat(path_.back().object.Subject(),
                            " has seen its dependencies unready; they are ready now"));
      return false;
    }
    if (waits_for_source) {
      ASSIGN_OR_RETURN(const bool source, FollowSources(object, Asked::kReadiness));
      if (source) return true;
    }
    const Cause& cause = Classify(ready.reason, ready.message);
    if (absl::string_view(cause.id) == "health-timeout" || ready.reason == "HealthCheckFailed") {
      ASSIGN_OR_RETURN(const bool applied, FollowInventory(object, kind == "Kustomization"));
      if (applied) return true;
      ASSIGN_OR_RETURN(const bool checked, FollowHealthChecks(object));
      if (checked) return true;
    }
    return FailAsSaid(state);
  }

  // The object's own words are the cause.
  bool FailAsSaid(const State& state) {
    return Fail(Classify(state.ready->reason, state.ready->message).id,
                absl::StrCat(path_.back().object.Subject(), ": ", state.ready->message));
  }

  Found FollowSources(const Value& object, Asked asked) {
    for (const Reference& source : SourcesOf(object)) {
      ASSIGN_OR_RETURN(const bool found, Follow(source, "source-missing", asked));
      if (found) return true;
    }
    return false;
  }

  Found FollowDependencies(const Value& object) {
    for (const Reference& dependency : DependenciesOf(object)) {
      ASSIGN_OR_RETURN(const bool found,
                       Follow(dependency, "dependency-missing", Asked::kReadiness));
      if (found) return true;
    }
    return false;
  }

  Found FollowHealthChecks(const Value& object) {
    for (const Value& check : object["spec"]["healthChecks"].items()) {
      ssa::ObjectId id;
      id.gvk = kube::ParseGvk(check["apiVersion"].str(), check["kind"].str());
      id.key = {std::string(check["namespace"].string_or(kube::Namespace(object))),
                std::string(check["name"].str())};
      ASSIGN_OR_RETURN(const bool found,
                       Follow({"healthChecks", id}, "object-missing", Asked::kReadiness));
      if (found) return true;
    }
    return false;
  }

  // What fails counts before what is missing: an object may only not be there yet.
  Found FollowInventory(const Value& object, bool missing_too) {
    // That of another cluster cannot be looked at from here.
    if (object["spec"]["kubeConfig"].is_object()) return false;
    const auto inventory = ssa::DecodeInventory(object["status"]["inventory"]);
    if (!inventory.ok()) return false;
    std::optional<ssa::ObjectId> missing;
    for (const ssa::ObjectId& id : *inventory) {
      if (reads_ >= kMaxReads) break;
      ASSIGN_OR_RETURN(const kube::ObjectPtr applied, Find(id));
      if (applied == nullptr) {
        if (!missing.has_value()) missing = id;
        continue;
      }
      if (path_.size() >= kMaxDepth) continue;
      const bool own = std::any_of(path_.begin(), path_.end(),
                                   [&](const Step& step) { return step.object.SameObject(id); });
      if (own) continue;
      ASSIGN_OR_RETURN(const bool found, Visit(id, "inventory", applied, Asked::kAnything));
      if (found) return true;
    }
    if (!missing.has_value() || !missing_too) return false;
    path_.push_back({*missing, "inventory", "not found"});
    return Fail("object-missing",
                absl::StrCat(missing->Subject(), ", applied by ",
                             path_[path_.size() - 2].object.Subject(), ", is not in the cluster"));
  }

  Found VisitApplied(const ssa::ObjectId& id, const std::string& relation,
                     const kube::ObjectPtr& object) {
    const ssa::Readiness readiness = ssa::ReadinessOf(*object, now_);
    if (readiness == ssa::Readiness::kCurrent || readiness == ssa::Readiness::kUnknown)
      return false;
    path_.push_back({id, relation, std::string(ssa::ReadinessName(readiness))});
    if (readiness == ssa::Readiness::kTerminating) {
      return Fail("deletion-blocked", absl::StrCat(id.Subject(), " is being deleted"));
    }
    std::vector<kube::ObjectPtr> pods;
    if (const Value labels = PodLabels(*object); !labels.empty() && reads_ < kMaxReads) {
      ++reads_;
      ASSIGN_OR_RETURN(pods, cluster_.pods(id.key.ns, labels));
    }
    const Ailment ailment = AilmentOf(*object, pods);
    path_.back().state = absl::StrCat(path_.back().state, ": ", ailment.summary);
    const bool waiting = ailment.cause == "not-healthy" && readiness == ssa::Readiness::kInProgress;
    if (waiting && !AskedForHealth()) {
      UnderWay("in-progress", absl::StrCat(id.Subject(), " is not ready yet"));
      path_.pop_back();
      return false;
    }
    if (ailment.pod != nullptr) {
      path_.push_back({ssa::ObjectId::Of(*ailment.pod), "pod", ailment.summary});
    }
    return Fail(ailment.cause, absl::StrCat(path_.back().object.Subject(), ": ", ailment.summary));
  }

  // Whether what applied the object on top of the path has given up waiting for it.
  bool AskedForHealth() const {
    if (path_.size() < 2) return false;
    const std::string& state = path_[path_.size() - 2].state;
    return absl::string_view(Classify("", state).id) == "health-timeout";
  }

  const Cluster& cluster_;
  const absl::Time now_;
  int reads_ = 0;
  std::vector<Step> path_;
  Explanation failure_;
  std::optional<Explanation> under_way_;
};

}  // namespace

absl::StatusOr<Explanation> Explain(const ssa::ObjectId& asked, const Cluster& cluster,
                                    absl::Time now) {
  return Walk(cluster, now).Run(asked);
}

}  // namespace sluice::explain
