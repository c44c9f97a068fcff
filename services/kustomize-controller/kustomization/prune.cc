// SPDX-License-Identifier: Apache-2.0
#include "services/kustomize-controller/kustomization/prune.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/api/meta/names.h"
#include "common/crypto/digest.h"
#include "common/kube/object.h"
#include "common/ssa/pruner.h"

namespace sluice::kustomize_controller {
namespace {

// How long deletions wait for other Kustomizations of the same source to look at the revision.
constexpr absl::Duration kHandOverLimit = absl::Seconds(10);
// Of a message.
constexpr size_t kNamedObjects = 10;

// What other Kustomizations of the same source say of the objects we would delete.
struct Claims {
  std::set<std::string> taken;  // by one that has them in its inventory, as ObjectId::ToString()
  bool undecided = false;       // some have not looked at the revision yet
};

// Whether the objects of both are in one cluster, as far as their specs say.
bool SameCluster(const Value& other, const Session& session) {
  const Value& theirs = other["spec"]["kubeConfig"];
  return theirs == session.spec.raw["kubeConfig"] &&
         (theirs.is_null() || kube::Namespace(other) == session.key().ns);
}

Claims FindClaims(const Neighbours& neighbours, const Session& session,
                  const ssa::Inventory& stale) {
  std::set<std::string> wanted;
  for (const ssa::ObjectId& id : stale) wanted.insert(id.ToString());
  Claims claims;
  for (const kube::ObjectPtr& other : neighbours.store.List()) {
    const kube::ObjectKey key = kube::KeyOf(*other);
    const bool concerned = key != session.key() && !kube::Deleting(*other) &&
                           api::SourceOf(*other) == session.spec.source &&
                           SameCluster(*other, session) &&
                           !(*other)["spec"]["suspend"].bool_or(false);
    if (!concerned) continue;
    const Value& status = (*other)["status"];
    const auto memory = neighbours.memories.Find(key);
    const bool looked =
        status["lastAttemptedRevision"].str() == session.revision ||
        (memory != nullptr && memory->shared().verified_revision == session.revision);
    if (!looked) {
      // One that waits for dependencies may be waiting for us.
      const auto conditions = api::Conditions::Decode(status["conditions"]);
      const api::Condition* ready = conditions.Find(api::kReady);
      const bool blocked = ready != nullptr && ready->reason == "DependencyNotReady";
      claims.undecided = claims.undecided || !blocked;
      continue;
    }
    for (const Value& entry : status["inventory"]["entries"].items()) {
      if (const std::string id(entry["id"].str()); wanted.contains(id)) claims.taken.insert(id);
    }
  }
  return claims;
}

// Names these deletions and no others.
std::string Token(const ssa::Inventory& stale) {
  std::vector<std::string> ids;
  for (const ssa::ObjectId& id : stale) ids.push_back(id.ToString());
  std::sort(ids.begin(), ids.end());
  std::string text;
  for (const std::string& id : ids) absl::StrAppend(&text, id, "\n");
  return crypto::Sha256Hex(text).substr(0, 12);
}

int BudgetOf(const Session& session, int default_budget) {
  int budget = 0;
  return absl::SimpleAtoi(kube::Annotation(session.object(), kPruneBudgetAnnotation), &budget) &&
                 budget >= 0
             ? budget
             : default_budget;
}

// OK if so many deletions are allowed.
absl::Status CheckBudget(const Session& session, int default_budget, const ssa::Inventory& stale) {
  const int budget = BudgetOf(session, default_budget);
  if (budget < 0 || stale.size() <= static_cast<size_t>(budget)) return absl::OkStatus();
  const std::string token = Token(stale);
  if (kube::Annotation(session.object(), kPruneConfirmedAnnotation) == token) {
    return absl::OkStatus();
  }
  std::string names;
  for (size_t i = 0; i < std::min(stale.size(), kNamedObjects); ++i) {
    absl::StrAppend(&names, i == 0 ? "" : ", ", stale[i].Subject());
  }
  if (stale.size() > kNamedObjects) {
    absl::StrAppend(&names, " and ", stale.size() - kNamedObjects, " more");
  }
  return absl::FailedPreconditionError(
      absl::StrCat("pruning ", stale.size(), " objects exceeds the budget of ", budget,
                   "; nothing is deleted. To delete them, set the annotation ",
                   kPruneConfirmedAnnotation, "=", token, ": ", names));
}

}  // namespace

PruneOutcome PruneStale(const Context& ctx, const remote_cluster::Target& target,
                        const Neighbours& neighbours, int default_budget,
                        const ssa::Inventory& before, ssa::Inventory now, Memory& memory,
                        Session& session) {
  using State = PruneOutcome::State;
  ssa::Inventory stale = ssa::Difference(before, now);
  if (!session.spec.prune || stale.empty()) {
    memory.hold.reset();
    return {};
  }
  const auto keep_all = [&] {
    now.insert(now.end(), stale.begin(), stale.end());
    session.status.inventory = ssa::EncodeInventory(now);
  };
  const Claims claims = FindClaims(neighbours, session, stale);
  if (claims.undecided) {
    const absl::Time clock_now = session.clock().Now();
    if (!memory.hold.has_value() || memory.hold->revision != session.revision) {
      memory.hold = PruneHold{session.revision, clock_now};
    }
    if (clock_now - memory.hold->since < kHandOverLimit) {
      keep_all();
      return {State::kWaiting, absl::OkStatus()};
    }
  }
  memory.hold.reset();
  ssa::ChangeSet changes;
  std::erase_if(stale, [&](const ssa::ObjectId& id) {
    if (!claims.taken.contains(id.ToString())) return false;
    changes.push_back({id, ssa::Action::kSkipped});
    return true;
  });
  if (const absl::Status allowed = CheckBudget(session, default_budget, stale); !allowed.ok()) {
    keep_all();
    return {State::kHeld, allowed};
  }
  const ssa::PruneResult pruned =
      ssa::Prune(ctx, target.client(), target.discovery(), stale,
                 {.owner_labels = {{api::kOwnerNameLabel, session.key().name},
                                   {api::kOwnerNamespaceLabel, session.key().ns}}});
  changes.insert(changes.end(), pruned.changes.begin(), pruned.changes.end());
  if (const std::string lines = ssa::Lines(changes, [](const auto&) { return true; });
      !lines.empty()) {
    session.Event(runtime::Severity::kInfo, lines);
  }
  if (!pruned.survivors.empty()) {
    now.insert(now.end(), pruned.survivors.begin(), pruned.survivors.end());
    session.status.inventory = ssa::EncodeInventory(now);
  }
  if (!pruned.status.ok()) return {State::kFailed, pruned.status};
  return {};
}

}  // namespace sluice::kustomize_controller
