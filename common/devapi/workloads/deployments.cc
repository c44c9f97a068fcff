// Deployments: a replica set per version of the pod template, rolled from the old to the new.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/devapi/workloads/reconcilers.h"

namespace sluice::devapi {
namespace {

constexpr char kHashLabel[] = "pod-template-hash";
constexpr char kRevision[] = "deployment.kubernetes.io/revision";
constexpr char kDesired[] = "deployment.kubernetes.io/desired-replicas";
constexpr char kMax[] = "deployment.kubernetes.io/max-replicas";

int64_t Number(const Value& object, const char* annotation) {
  int64_t number = 0;
  (void)absl::SimpleAtoi(object["metadata"]["annotations"][annotation].str(), &number);
  return number;
}

// A number or a share of `total` ("25%").
int64_t Resolve(const Value& value, int64_t total, bool up) {
  if (value.is_integer()) return value.int_or(0);
  double share = 0;
  const absl::string_view text = value.str();
  if (text.empty() || !absl::SimpleAtod(text.substr(0, text.size() - 1), &share)) return 0;
  const double exact = share * static_cast<double>(total) / 100;
  return static_cast<int64_t>(up ? std::ceil(exact) : std::floor(exact));
}

Value WithHash(Value map, const std::string& hash) {
  map.Set(kHashLabel, hash);
  return map;
}

Value NewReplicaSet(const Value& deployment, const std::string& hash, int64_t revision,
                    int64_t replicas, int64_t surge) {
  const Value& spec = deployment["spec"];
  Value pod_template = spec["template"];
  pod_template.Ensure("metadata")
      .Set("labels", WithHash(spec["template"]["metadata"]["labels"], hash));
  Value selector = spec["selector"];
  selector.Set("matchLabels", WithHash(spec["selector"]["matchLabels"], hash));
  Value annotations = {{kRevision, absl::StrCat(revision)},
                       {kDesired, absl::StrCat(replicas)},
                       {kMax, absl::StrCat(replicas + surge)}};
  for (const char* fate : {kFateAnnotation, kDelayAnnotation}) {
    const Value& wanted = deployment["metadata"]["annotations"][fate];
    if (wanted.is_string()) annotations.Set(fate, wanted);
  }
  return Value{{"metadata",
                Value{{"name", absl::StrCat(deployment["metadata"]["name"].str(), "-", hash)},
                      {"labels", WithHash(spec["template"]["metadata"]["labels"], hash)},
                      {"annotations", std::move(annotations)},
                      {"ownerReferences", Value(Value::Array{ControllerReference(deployment)})}}},
               {"spec", Value{{"replicas", replicas},
                              {"selector", std::move(selector)},
                              {"template", std::move(pod_template)},
                              {"minReadySeconds", spec["minReadySeconds"].int_or(0)}}}};
}

struct Rollout {
  ObjectRef current;           // the replica set of the template as it is; null before it is made
  std::vector<ObjectRef> old;  // the others, oldest revision first
  int64_t Sum(const char* field) const {
    int64_t sum = current == nullptr ? 0 : current->value()["status"][field].int_or(0);
    for (const ObjectRef& set : old) sum += set->value()["status"][field].int_or(0);
    return sum;
  }
};

void Scale(World& world, const ObjectRef& set, int64_t replicas) {
  if (set->value()["spec"]["replicas"].int_or(0) == replicas) return;
  world.Edit({"replicasets.apps", set->key()},
             [&](Value& object) { object.Ensure("spec").Set("replicas", replicas); });
}

// Replica sets without replicas beyond spec.revisionHistoryLimit.
void CleanHistory(World& world, const Value& deployment, const Rollout& rollout) {
  std::vector<ObjectRef> idle;
  for (const ObjectRef& set : rollout.old) {
    const bool empty = set->value()["spec"]["replicas"].int_or(0) == 0 &&
                       set->value()["status"]["replicas"].int_or(0) == 0;
    if (empty) idle.push_back(set);
  }
  const auto keep = static_cast<size_t>(
      std::max<int64_t>(0, deployment["spec"]["revisionHistoryLimit"].int_or(10)));
  for (size_t i = 0; i + keep < idle.size(); ++i) {
    world.Delete({"replicasets.apps", idle[i]->key()}, /*now=*/false);
  }
}

Value Condition(const char* type, bool status, const char* reason, const std::string& message) {
  return Value{{"type", type},
               {"status", status ? "True" : "False"},
               {"reason", reason},
               {"message", message}};
}

void SetOrErase(Value& status, const char* field, int64_t count) {
  if (count == 0) {
    status.Erase(field);
  } else {
    status.Set(field, count);
  }
}

// Counts and conditions as deployment-controller words them. Returns when the progress deadline
// passes, if it is running.
absl::Time ReportStatus(World& world, const Object& object, const Rollout& rollout,
                        int64_t revision, int64_t unavailable_allowed) {
  const Value& deployment = object.value();
  const int64_t wanted = deployment["spec"]["replicas"].int_or(1);
  const int64_t available = rollout.Sum("availableReplicas");
  const int64_t updated =
      rollout.current == nullptr ? 0 : rollout.current->value()["status"]["replicas"].int_or(0);
  const int64_t total = rollout.Sum("replicas");
  const bool complete = updated == wanted && total == wanted && available == wanted;
  const std::string name = rollout.current == nullptr ? "" : std::string(rollout.current->name());
  const Behaviour behaviour = BehaviourOf(deployment, world.options());
  absl::Time again = absl::InfiniteFuture();
  bool timed_out = false;
  if (!complete && rollout.current != nullptr) {
    const absl::Time start = world.FirstSeen(*rollout.current);
    // A workload that is to fail fails without the wait.
    const absl::Duration deadline =
        behaviour.fate == Fate::kFail
            ? behaviour.ready_after
            : absl::Seconds(deployment["spec"]["progressDeadlineSeconds"].int_or(600));
    timed_out = world.now() >= start + deadline && updated < total + wanted;
    if (!timed_out) again = start + deadline;
  }
  const auto edit = [&](Value& next) {
    const std::string now = world.timestamp();
    // By way of status, as the real controller does: the generation stays.
    if (revision > 0) {
      next.Ensure("metadata").Ensure("annotations").Set(kRevision, absl::StrCat(revision));
    }
    Value& status = next.Ensure("status");
    status.Set("observedGeneration", deployment["metadata"]["generation"]);
    SetOrErase(status, "replicas", total);
    SetOrErase(status, "updatedReplicas", updated);
    SetOrErase(status, "readyReplicas", rollout.Sum("readyReplicas"));
    SetOrErase(status, "availableReplicas", available);
    SetOrErase(status, "unavailableReplicas",
               std::max<int64_t>(0, std::max(total, wanted) - available));
    const bool enough = available >= wanted - unavailable_allowed;
    SetCondition(status,
                 enough ? Condition("Available", true, "MinimumReplicasAvailable",
                                    "Deployment has minimum availability.")
                        : Condition("Available", false, "MinimumReplicasUnavailable",
                                    "Deployment does not have minimum availability."),
                 now, /*update_time=*/true);
    if (deployment["spec"]["paused"].bool_or(false)) {
      SetCondition(status,
                   Value{{"type", "Progressing"},
                         {"status", "Unknown"},
                         {"reason", "DeploymentPaused"},
                         {"message", "Deployment is paused"}},
                   now, true);
    } else if (complete) {
      SetCondition(
          status,
          Condition("Progressing", true, "NewReplicaSetAvailable",
                    absl::StrCat("ReplicaSet \"", name, "\" has successfully progressed.")),
          now, true);
    } else if (timed_out) {
      SetCondition(status,
                   Condition("Progressing", false, "ProgressDeadlineExceeded",
                             absl::StrCat("ReplicaSet \"", name, "\" has timed out progressing.")),
                   now, true);
    } else {
      SetCondition(status,
                   Condition("Progressing", true, "ReplicaSetUpdated",
                             absl::StrCat("ReplicaSet \"", name, "\" is progressing.")),
                   now, true);
    }
  };
  world.Edit({"deployments.apps", object.key()}, edit, "kube-controller-manager", "status");
  return again;
}

}  // namespace

absl::Time ReconcileDeployment(World& world, const ObjectRef& object) {
  if (object->deleting()) return absl::InfiniteFuture();
  const Value& deployment = object->value();
  const Value& spec = deployment["spec"];
  const int64_t wanted = spec["replicas"].int_or(1);
  const std::string hash = ContentHash(spec["template"]);
  const Value& rolling = spec["strategy"]["rollingUpdate"];
  const bool recreate = spec["strategy"]["type"].str() == "Recreate";
  const int64_t surge = recreate ? 0 : Resolve(rolling["maxSurge"], wanted, /*up=*/true);
  const int64_t unavailable = recreate ? 0 : Resolve(rolling["maxUnavailable"], wanted, false);
  Rollout rollout;
  int64_t revision = 0;
  for (ObjectRef& set : world.Controlled(*object, "replicasets.apps")) {
    revision = std::max(revision, Number(set->value(), kRevision));
    const bool current = set->value()["metadata"]["labels"][kHashLabel].str() == hash;
    if (current) {
      rollout.current = std::move(set);
    } else {
      rollout.old.push_back(std::move(set));
    }
  }
  std::sort(rollout.old.begin(), rollout.old.end(), [](const ObjectRef& a, const ObjectRef& b) {
    return Number(a->value(), kRevision) < Number(b->value(), kRevision);
  });
  const bool paused = spec["paused"].bool_or(false);
  int64_t old_pods = 0;
  for (const ObjectRef& set : rollout.old) old_pods += set->value()["status"]["replicas"].int_or(0);
  const bool may_start = !paused && !(recreate && old_pods > 0);
  if (recreate && !paused) {
    for (const ObjectRef& set : rollout.old) Scale(world, set, 0);
  }
  if (rollout.current == nullptr && may_start) {
    rollout.current = world.Create("replicasets.apps", object->key().ns,
                                   NewReplicaSet(deployment, hash, revision + 1, wanted, surge));
    revision += 1;
  } else if (rollout.current != nullptr && may_start) {
    if (!rollout.old.empty() && Number(rollout.current->value(), kRevision) < revision) {
      // A template that was there before is the newest again: a roll back.
      revision += 1;
      world.Edit({"replicasets.apps", rollout.current->key()}, [&](Value& set) {
        set.Ensure("metadata").Ensure("annotations").Set(kRevision, absl::StrCat(revision));
      });
    }
    Scale(world, rollout.current, wanted);
  }
  const bool replaced = rollout.current != nullptr &&
                        rollout.current->value()["status"]["availableReplicas"].int_or(0) >= wanted;
  if (replaced && !paused) {
    for (const ObjectRef& set : rollout.old) Scale(world, set, 0);
    CleanHistory(world, deployment, rollout);
  }
  return ReportStatus(world, *object, rollout, revision, unavailable);
}

}  // namespace sluice::devapi
