// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/workloads/world.h"

#include <algorithm>

#include "common/crypto/digest.h"
#include "common/devapi/requests/call.h"
#include "common/devapi/verbs/verbs.h"
#include "common/devapi/verbs/write.h"
#include "common/log/log.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

void Note(const absl::Status& status, const Place& place) {
  const bool expected = status.ok() || absl::IsNotFound(status) || absl::IsAborted(status) ||
                        absl::IsAlreadyExists(status);
  if (expected) return;
  log::Error(Context::Background(), status, "simulated workload failed",
             {{"resource", place.storage}, {"namespace", place.key.ns}, {"name", place.key.name}});
}

}  // namespace

absl::string_view ControllerUid(const Value& object) {
  for (const Value& owner : object["metadata"]["ownerReferences"].items()) {
    if (owner["controller"].bool_or(false)) return owner["uid"].str();
  }
  return "";
}

Value ControllerReference(const Value& owner) {
  return Value{{"apiVersion", owner["apiVersion"]},
               {"kind", owner["kind"]},
               {"name", owner["metadata"]["name"]},
               {"uid", owner["metadata"]["uid"]},
               {"controller", true},
               {"blockOwnerDeletion", true}};
}

void World::Observe(const Change& change) {
  const Place place = {change.storage, change.event.object->key()};
  if (change.event.previous != nullptr) {
    const auto found = controlled_.find(std::string(ControllerUid(change.event.previous->value())));
    if (found != controlled_.end()) {
      found->second.erase(place);
      if (found->second.empty()) controlled_.erase(found);
    }
  }
  if (change.event.type == EventType::kDeleted) {
    seen_.erase(std::string(change.event.object->uid()));
    return;
  }
  const absl::string_view uid = ControllerUid(change.event.object->value());
  if (!uid.empty()) controlled_[std::string(uid)].insert(place);
}

absl::Time World::FirstSeen(const Object& object) {
  return seen_.try_emplace(std::string(object.uid()), now()).first->second;
}

std::vector<ObjectRef> World::Controlled(const Object& owner, absl::string_view storage) const {
  std::vector<ObjectRef> result;
  const auto found = controlled_.find(std::string(owner.uid()));
  if (found == controlled_.end()) return result;
  for (const Place& place : found->second) {
    if (place.storage != storage) continue;
    ObjectRef object = Find(storage, place.key);
    if (object != nullptr) result.push_back(std::move(object));
  }
  return result;
}

ObjectRef World::Create(absl::string_view storage, const std::string& ns, Value object,
                        const char* as) {
  const ResourceRef resource = cluster_.registry().Snapshot()->FindStorage(storage);
  if (resource == nullptr) return nullptr;
  const Place place = {std::string(storage), {ns, std::string(object["metadata"]["name"].str())}};
  object.Set("apiVersion", resource->api_version());
  object.Set("kind", resource->kind);
  Call call = InternalCall(cluster_, resource, place.key, as);
  absl::Status decoded = FinishDecoding(cluster_, call, WriteOptions{}, "", object);
  if (!decoded.ok()) {
    Note(decoded, place);
    return nullptr;
  }
  absl::StatusOr<ObjectRef> created =
      CreateObject(cluster_, call, WriteOptions{}, std::move(object));
  Note(created.status(), place);
  if (!created.ok()) return nullptr;
  // Before the change comes back through the loop, so that nobody makes the same object again.
  const absl::string_view uid = ControllerUid((*created)->value());
  if (!uid.empty()) controlled_[std::string(uid)].insert({place.storage, (*created)->key()});
  return *std::move(created);
}

void World::Edit(const Place& place, const std::function<void(Value& object)>& edit, const char* as,
                 const char* subresource) {
  const ResourceRef resource = cluster_.registry().Snapshot()->FindStorage(place.storage);
  if (resource == nullptr) return;
  Call call = InternalCall(cluster_, resource, place.key, as);
  call.info.subresource = subresource;
  Note(UpdateObject(cluster_, call, WriteOptions{},
                    {[&](const Value& current) -> absl::StatusOr<Value> {
                      Value next = current;
                      edit(next);
                      return next;
                    }})
           .status(),
       place);
}

void World::EditStatus(const Place& place, const std::function<void(Value& status)>& edit,
                       const char* as) {
  Edit(
      place, [&](Value& object) { edit(object.Ensure("status")); }, as, "status");
}

void World::Delete(const Place& place, bool now) {
  const ResourceRef resource = cluster_.registry().Snapshot()->FindStorage(place.storage);
  if (resource == nullptr) return;
  Call call = InternalCall(cluster_, resource, place.key, "kube-controller-manager");
  DeleteOptions options;
  options.propagation = Propagation::kBackground;
  if (now) options.grace_period_seconds = 0;
  Note(DeleteObject(cluster_, call, options).status(), place);
}

void SetCondition(Value& status, const Value& condition, const std::string& now, bool update_time) {
  Value* list = status.FindMutable("conditions");
  if (list == nullptr || !list->is_array()) list = &status.Set("conditions", Value::EmptyArray());
  Value* existing = nullptr;
  for (Value& item : list->mutable_items()) {
    if (item["type"] == condition["type"]) existing = &item;
  }
  Value next = condition;
  next.Set("lastTransitionTime", now);
  if (update_time) next.Set("lastUpdateTime", now);
  if (existing == nullptr) {
    list->Append(std::move(next));
    return;
  }
  const Value& old = *existing;
  if (old["status"] == next["status"]) {
    next.Set("lastTransitionTime", old["lastTransitionTime"]);
    const bool same = old["reason"] == next["reason"] && old["message"] == next["message"];
    if (same) return;
  }
  *existing = std::move(next);
}

const Value& FindCondition(const Value& status, absl::string_view type) {
  static const Value* const kNone = new Value;
  for (const Value& condition : status["conditions"].items()) {
    if (condition["type"].str() == type) return condition;
  }
  return *kNone;
}

std::string ContentHash(const Value& value) {
  constexpr absl::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string hash;
  for (const char byte :
       crypto::Digest(crypto::Algorithm::kSha256, value::FormatJson(value)).substr(0, 10)) {
    hash.push_back(kAlphabet[static_cast<unsigned char>(byte) % kAlphabet.size()]);
  }
  return hash;
}

}  // namespace sluice::devapi
