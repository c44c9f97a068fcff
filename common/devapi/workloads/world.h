// World: what the simulated controllers see and touch. All of it goes through the same writes as
// clients' requests: validation, generations, managed fields and watch events are the real ones.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/devapi/cluster.h"
#include "common/devapi/workloads/options.h"

namespace sluice::devapi {

// An object in the store.
struct Place {
  std::string storage;
  ObjectKey key;

  friend auto operator<=>(const Place& a, const Place& b) = default;
};

// Used by the control loop's thread only.
class World {
 public:
  World(Cluster& cluster, const WorkloadOptions& options) : cluster_(cluster), options_(options) {}

  // Keeps the index of owners; called with every change.
  void Observe(const Change& change);

  const WorkloadOptions& options() const { return options_; }
  absl::Time now() const { return cluster_.clock().Now(); }
  std::string timestamp() const { return cluster_.Timestamp(); }
  Cluster& cluster() { return cluster_; }

  ObjectRef Find(absl::string_view storage, const ObjectKey& key) const {
    return cluster_.store().Find(storage, key);
  }
  std::vector<ObjectRef> List(absl::string_view storage, absl::string_view ns) const {
    return cluster_.store().List(storage, ns).objects;
  }
  // The objects of `storage` whose controller is `owner`, by name.
  std::vector<ObjectRef> Controlled(const Object& owner, absl::string_view storage) const;

  // When the object came into being; metadata.creationTimestamp tells it to the second only.
  absl::Time FirstSeen(const Object& object);

  // Each logs what fails unexpectedly; lost races are left to the next change. `as` is recorded as
  // the manager of what is written.
  ObjectRef Create(absl::string_view storage, const std::string& ns, Value object,
                   const char* as = "kube-controller-manager");
  void Edit(const Place& place, const std::function<void(Value& object)>& edit,
            const char* as = "kube-controller-manager", const char* subresource = "");
  // Edit() of status alone, through its subresource.
  void EditStatus(const Place& place, const std::function<void(Value& status)>& edit,
                  const char* as = "kube-controller-manager");
  void Delete(const Place& place, bool now);

 private:
  Cluster& cluster_;
  const WorkloadOptions options_;
  std::map<std::string, std::set<Place>> controlled_;  // by the controller's uid
  std::map<std::string, absl::Time> seen_;             // by uid
};

// The controller's uid in metadata.ownerReferences, or "".
absl::string_view ControllerUid(const Value& object);
// An ownerReferences entry that makes `owner` the controller.
Value ControllerReference(const Value& owner);

// Puts `condition` (type, status, reason, message) into status.conditions. The transition time
// moves with the status; `update_time` adds lastUpdateTime as deployments have it.
void SetCondition(Value& status, const Value& condition, const std::string& now,
                  bool update_time = false);
// The condition of that type, or a null Value.
const Value& FindCondition(const Value& status, absl::string_view type);

// Ten lower-case characters that stand for the content of `value`, as pod template hashes do.
std::string ContentHash(const Value& value);

}  // namespace sluice::devapi
