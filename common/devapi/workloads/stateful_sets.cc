// Stateful sets: pods with an identity, one after the other, each with its own claims.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/devapi/workloads/reconcilers.h"

namespace sluice::devapi {
namespace {

constexpr char kRevisionLabel[] = "controller-revision-hash";

// The ordinal of "<set>-3", or -1.
int64_t Ordinal(const Object& pod) {
  const absl::string_view name = pod.name();
  int64_t ordinal = -1;
  const size_t dash = name.rfind('-');
  if (dash == absl::string_view::npos || !absl::SimpleAtoi(name.substr(dash + 1), &ordinal)) {
    return -1;
  }
  return ordinal;
}

Value Pod(const Value& set, int64_t ordinal, const std::string& revision) {
  const std::string name = absl::StrCat(set["metadata"]["name"].str(), "-", ordinal);
  Value pod = PodFromTemplate(set, set["spec"]["template"], name);
  Value& labels = pod.Ensure("metadata").Ensure("labels");
  labels.Set("statefulset.kubernetes.io/pod-name", name);
  labels.Set("apps.kubernetes.io/pod-index", absl::StrCat(ordinal));
  labels.Set(kRevisionLabel, revision);
  Value& spec = pod.Ensure("spec");
  spec.Set("hostname", name);
  spec.Set("subdomain", set["spec"]["serviceName"].str());
  Value volumes = spec["volumes"];
  if (!volumes.is_array()) volumes = Value::EmptyArray();
  for (const Value& claim : set["spec"]["volumeClaimTemplates"].items()) {
    const absl::string_view volume = claim["metadata"]["name"].str();
    volumes.Append(
        Value{{"name", volume},
              {"persistentVolumeClaim", Value{{"claimName", absl::StrCat(volume, "-", name)}}}});
  }
  if (!volumes.empty()) spec.Set("volumes", std::move(volumes));
  return pod;
}

void CreateClaims(World& world, const Object& object, int64_t ordinal) {
  const Value& set = object.value();
  for (const Value& wanted : set["spec"]["volumeClaimTemplates"].items()) {
    const std::string name =
        absl::StrCat(wanted["metadata"]["name"].str(), "-", object.name(), "-", ordinal);
    if (world.Find("persistentvolumeclaims", {object.key().ns, name}) != nullptr) continue;
    Value metadata = wanted["metadata"];
    metadata.Set("name", name);
    for (const value::Member& label : set["spec"]["selector"]["matchLabels"].members()) {
      metadata.Ensure("labels").Set(label.key, label.value);
    }
    world.Create("persistentvolumeclaims", object.key().ns,
                 Value{{"metadata", std::move(metadata)}, {"spec", wanted["spec"]}});
  }
}

void EnsureRevision(World& world, const Object& object, const std::string& name) {
  if (world.Find("controllerrevisions.apps", {object.key().ns, name}) != nullptr) return;
  const Value& set = object.value();
  int64_t newest = 0;
  for (const ObjectRef& revision : world.Controlled(object, "controllerrevisions.apps")) {
    newest = std::max(newest, revision->value()["revision"].int_or(0));
  }
  world.Create(
      "controllerrevisions.apps", object.key().ns,
      Value{{"metadata", Value{{"name", name},
                               {"labels", set["spec"]["template"]["metadata"]["labels"]},
                               {"ownerReferences", Value(Value::Array{ControllerReference(set)})}}},
            {"revision", newest + 1},
            {"data", Value{{"spec", Value{{"template", set["spec"]["template"]}}}}}});
}

}  // namespace

absl::Time ReconcileStatefulSet(World& world, const ObjectRef& object) {
  if (object->deleting()) return absl::InfiniteFuture();
  const Value& set = object->value();
  const Value& spec = set["spec"];
  const int64_t wanted = std::min<int64_t>(1000, spec["replicas"].int_or(1));
  const std::string revision = absl::StrCat(object->name(), "-", ContentHash(spec["template"]));
  EnsureRevision(world, *object, revision);
  std::map<int64_t, ObjectRef> pods;
  for (ObjectRef& pod : world.Controlled(*object, "pods")) {
    const int64_t ordinal = Ordinal(*pod);
    if (ordinal >= 0) pods[ordinal] = std::move(pod);
  }
  const bool parallel = spec["podManagementPolicy"].str() == "Parallel";
  bool settled = true;  // everything before is there and ready
  for (int64_t i = 0; i < wanted && (settled || parallel); ++i) {
    const auto found = pods.find(i);
    if (found == pods.end()) {
      CreateClaims(world, *object, i);
      ObjectRef pod = world.Create("pods", object->key().ns, Pod(set, i, revision));
      if (pod != nullptr) pods[i] = std::move(pod);
      settled = false;
    } else if (!IsActive(*found->second) || !IsReady(*found->second)) {
      settled = false;
    }
  }
  // Too many go from the top, one at a time; so do those of an older revision.
  if (settled && !pods.empty() && pods.rbegin()->first >= wanted) {
    const ObjectRef& last = pods.rbegin()->second;
    if (!last->deleting()) world.Delete({"pods", last->key()}, /*now=*/false);
  } else if (settled && spec["updateStrategy"]["type"].str() != "OnDelete") {
    const int64_t partition = spec["updateStrategy"]["rollingUpdate"]["partition"].int_or(0);
    for (auto pod = pods.rbegin(); pod != pods.rend() && pod->first >= partition; ++pod) {
      const Value& label = pod->second->value()["metadata"]["labels"][kRevisionLabel];
      if (label.str() == revision) continue;
      world.Delete({"pods", pod->second->key()}, /*now=*/false);
      break;
    }
  }
  int64_t ready = 0;
  int64_t updated = 0;
  std::string current = revision;
  for (const auto& [ordinal, pod] : pods) {
    if (IsReady(*pod) && IsActive(*pod)) ++ready;
    const absl::string_view label = pod->value()["metadata"]["labels"][kRevisionLabel].str();
    if (label == revision) {
      ++updated;
    } else {
      current = std::string(label);
    }
  }
  world.EditStatus({"statefulsets.apps", object->key()}, [&](Value& status) {
    const auto total = static_cast<int64_t>(pods.size());
    status.Set("observedGeneration", set["metadata"]["generation"]);
    status.Set("replicas", total);
    status.Set("availableReplicas", ready);
    status.Set("currentRevision", current);
    status.Set("updateRevision", revision);
    status.Set("collisionCount", 0);
    for (const auto& [field, count] :
         {std::pair<const char*, int64_t>{"readyReplicas", ready},
          {"currentReplicas", current == revision ? total : total - updated},
          {"updatedReplicas", updated}}) {
      if (count == 0) {
        status.Erase(field);
      } else {
        status.Set(field, count);
      }
    }
  });
  return absl::InfiniteFuture();
}

}  // namespace sluice::devapi
