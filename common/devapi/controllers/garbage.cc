// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/controllers/garbage.h"

#include <map>
#include <set>
#include <string>

#include "common/devapi/requests/call.h"
#include "common/devapi/verbs/write.h"
#include "common/log/log.h"

namespace sluice::devapi {
namespace {

constexpr char kForeground[] = "foregroundDeletion";
constexpr char kOrphan[] = "orphan";
constexpr char kName[] = "generic-garbage-collector";

// An object in the store.
struct Place {
  std::string storage;
  ObjectKey key;

  friend auto operator<=>(const Place& a, const Place& b) = default;
};

bool Has(const Value& finalizers, absl::string_view name) {
  for (const Value& item : finalizers.items()) {
    if (item.str() == name) return true;
  }
  return false;
}

class Collector : public Controller {
 public:
  explicit Collector(Cluster& cluster) : cluster_(cluster) {}

  void Observe(const Change& change) override {
    const Object& object = *change.event.object;
    const Place place = {change.storage, object.key()};
    if (change.event.previous != nullptr) Unlink(place, change.event.previous->value());
    if (change.event.type == EventType::kDeleted) {
      owners_.insert(std::string(object.uid()));
      // What this object blocked may go now.
      for (const Value& owner : object.value()["metadata"]["ownerReferences"].items()) {
        Recheck(owner["uid"].str());
      }
      return;
    }
    Link(place, object.value());
    const Value& finalizers = object.value()["metadata"]["finalizers"];
    if (object.deleting() && (Has(finalizers, kForeground) || Has(finalizers, kOrphan))) {
      waiting_[std::string(object.uid())] = place;
      due_.insert(place);
    }
    if (!object.value()["metadata"]["ownerReferences"].empty()) due_.insert(place);
  }

  absl::Time Run(const Context& ctx) override {
    while (!owners_.empty() || !due_.empty()) {
      if (ctx.cancelled()) break;
      for (const std::string& uid : std::exchange(owners_, {})) {
        waiting_.erase(uid);
        const auto dependents = dependents_.find(uid);
        if (dependents != dependents_.end()) {
          due_.insert(dependents->second.begin(), dependents->second.end());
        }
      }
      for (const Place& place : std::exchange(due_, {})) Attend(place);
    }
    return absl::InfiniteFuture();
  }

 private:
  void Link(const Place& place, const Value& object) {
    for (const Value& owner : object["metadata"]["ownerReferences"].items()) {
      dependents_[std::string(owner["uid"].str())].insert(place);
    }
  }

  void Unlink(const Place& place, const Value& object) {
    for (const Value& owner : object["metadata"]["ownerReferences"].items()) {
      const auto found = dependents_.find(std::string(owner["uid"].str()));
      if (found == dependents_.end()) continue;
      found->second.erase(place);
      if (found->second.empty()) dependents_.erase(found);
    }
  }

  void Recheck(absl::string_view owner_uid) {
    const auto found = waiting_.find(std::string(owner_uid));
    if (found != waiting_.end()) due_.insert(found->second);
  }

  enum class OwnerState { kThere, kGone, kUnknown };

  OwnerState Look(const Value& reference, const std::string& ns) {
    const auto [group, version] = SplitApiVersion(reference["apiVersion"].str());
    const auto table = cluster_.registry().Snapshot();
    ResourceRef resource = table->FindKind(group, version, reference["kind"].str());
    if (resource == nullptr) resource = table->FindKindInGroup(group, reference["kind"].str());
    if (resource == nullptr) return OwnerState::kUnknown;
    if (resource->namespaced && ns.empty()) return OwnerState::kUnknown;
    const ObjectKey key = {resource->namespaced ? ns : "", std::string(reference["name"].str())};
    const ObjectRef owner = cluster_.store().Find(resource->storage, key);
    const bool there = owner != nullptr && owner->uid() == reference["uid"].str();
    return there ? OwnerState::kThere : OwnerState::kGone;
  }

  void Attend(const Place& place) {
    const ObjectRef object = cluster_.store().Find(place.storage, place.key);
    if (object == nullptr) return;
    const Value& metadata = object->value()["metadata"];
    if (object->deleting()) {
      if (Has(metadata["finalizers"], kOrphan)) {
        Orphan(place, *object);
      } else if (Has(metadata["finalizers"], kForeground)) {
        DeleteDependents(place, *object);
      }
      return;
    }
    const auto owners = metadata["ownerReferences"].items();
    if (owners.empty()) return;
    for (const Value& owner : owners) {
      if (Look(owner, place.key.ns) != OwnerState::kGone) return;
    }
    DeleteOptions options;
    options.propagation = Propagation::kBackground;
    options.uid_precondition = std::string(object->uid());
    Delete(place, options);
  }

  void DeleteDependents(const Place& place, const Object& owner) {
    bool blocked = false;
    for (const Place& dependent : DependentsOf(owner)) {
      const ObjectRef object = cluster_.store().Find(dependent.storage, dependent.key);
      if (object == nullptr) continue;
      for (const Value& reference : object->value()["metadata"]["ownerReferences"].items()) {
        const bool blocks = reference["blockOwnerDeletion"].bool_or(false);
        if (reference["uid"].str() == owner.uid() && blocks) blocked = true;
      }
      if (object->deleting()) continue;
      DeleteOptions options;
      options.propagation = Propagation::kForeground;
      Delete(dependent, options);
    }
    // Those that were deleted at once no longer block; their events bring us back here.
    if (!blocked) DropFinalizer(place, kForeground);
  }

  void Orphan(const Place& place, const Object& owner) {
    for (const Place& dependent : DependentsOf(owner)) {
      Edit(dependent, [&](Value& object) {
        Value kept = Value::EmptyArray();
        for (const Value& reference : object["metadata"]["ownerReferences"].items()) {
          if (reference["uid"].str() != owner.uid()) kept.Append(reference);
        }
        Value& metadata = object.Ensure("metadata");
        if (kept.empty()) {
          metadata.Erase("ownerReferences");
        } else {
          metadata.Set("ownerReferences", std::move(kept));
        }
      });
    }
    DropFinalizer(place, kOrphan);
  }

  std::set<Place> DependentsOf(const Object& owner) {
    const auto found = dependents_.find(std::string(owner.uid()));
    return found == dependents_.end() ? std::set<Place>() : found->second;
  }

  void DropFinalizer(const Place& place, const char* finalizer) {
    Edit(place, [&](Value& object) {
      Value kept = Value::EmptyArray();
      for (const Value& item : object["metadata"]["finalizers"].items()) {
        if (item.str() != finalizer) kept.Append(item);
      }
      Value& metadata = object.Ensure("metadata");
      if (kept.empty()) {
        metadata.Erase("finalizers");
      } else {
        metadata.Set("finalizers", std::move(kept));
      }
    });
  }

  void Delete(const Place& place, const DeleteOptions& options) {
    const ResourceRef resource = cluster_.registry().Snapshot()->FindStorage(place.storage);
    if (resource == nullptr) return;
    Call call = InternalCall(cluster_, resource, place.key, kName);
    Note(DeleteObject(cluster_, call, options).status());
  }

  template <typename Editor>
  void Edit(const Place& place, Editor edit) {
    const ResourceRef resource = cluster_.registry().Snapshot()->FindStorage(place.storage);
    if (resource == nullptr) return;
    Call call = InternalCall(cluster_, resource, place.key, kName);
    Note(UpdateObject(cluster_, call, WriteOptions{},
                      {[&](const Value& current) -> absl::StatusOr<Value> {
                        Value next = current;
                        edit(next);
                        return next;
                      }})
             .status());
  }

  static void Note(const absl::Status& status) {
    const bool expected = status.ok() || absl::IsNotFound(status) || absl::IsAborted(status);
    if (!expected) log::Error(Context::Background(), status, "garbage collection failed");
  }

  Cluster& cluster_;
  std::map<std::string, std::set<Place>> dependents_;  // by the owner's uid
  std::map<std::string, Place> waiting_;  // owners that a finalizer of ours keeps, by uid
  std::set<std::string> owners_;          // uids that are gone
  std::set<Place> due_;
};

}  // namespace

std::unique_ptr<Controller> GarbageCollector(Cluster& cluster) {
  return std::make_unique<Collector>(cluster);
}

}  // namespace sluice::devapi
