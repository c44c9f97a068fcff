// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/verbs/write.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/base/status_macros.h"
#include "common/crypto/random.h"
#include "common/devapi/kinds/conversion.h"
#include "common/devapi/kinds/crds.h"
#include "common/devapi/kinds/strategy.h"
#include "common/devapi/schema/object_rules.h"

namespace sluice::devapi {
namespace {

constexpr int kAttempts = 100;
constexpr size_t kGeneratedPrefix = 58;  // of the 63 characters of a name
constexpr char kServices[] = "services";
constexpr char kPriorityClasses[] = "priorityclasses.scheduling.k8s.io";
constexpr char kOrphan[] = "orphan";
constexpr char kForeground[] = "foregroundDeletion";

// Admission NamespaceLifecycle: content needs a namespace that is not going away.
absl::Status CheckNamespace(Cluster& cluster, const Call& call, absl::string_view name) {
  if (!call.resource->namespaced) return absl::OkStatus();
  const ObjectRef ns = cluster.store().Find("namespaces", {"", call.info.ns});
  if (ns == nullptr) return NotFound({"", "namespaces"}, call.info.ns);
  const bool is_event = call.resource->storage == "events";
  if (!ns->deleting() || is_event) return absl::OkStatus();
  absl::Status status = Forbidden(call.group_resource(), name,
                                  absl::StrCat("unable to create new content in namespace ",
                                               call.info.ns, " because it is being terminated"));
  Value object = StatusObject(status);
  Value details = object["details"];
  details.Set("causes",
              Value(Value::Array{Value{
                  {"reason", "NamespaceTerminating"},
                  {"message", absl::StrCat("namespace ", call.info.ns, " is being terminated")},
                  {"field", "metadata.namespace"}}}));
  return ApiError(403, "Forbidden", status.message(), std::move(details));
}

// A definition that is going takes no more instances.
absl::Status CheckDefinition(Cluster& cluster, const Call& call, absl::string_view name) {
  if (call.resource->custom == nullptr) return absl::OkStatus();
  const ObjectRef crd = cluster.store().Find(kCrdStorage, {"", call.resource->storage});
  if (crd == nullptr || !crd->deleting()) return absl::OkStatus();
  return Forbidden(call.group_resource(), name,
                   "create not allowed while custom resource definition is terminating");
}

// Admission plugin Priority: a pod's class gives it its number.
absl::Status SetPriority(Cluster& cluster, const Call& call, Value& pod) {
  if (call.resource->storage != "pods") return absl::OkStatus();
  const std::string name(pod["spec"]["priorityClassName"].str());
  if (name.empty()) return absl::OkStatus();
  const ObjectRef found = cluster.store().Find(kPriorityClasses, {"", name});
  if (found == nullptr) {
    return Forbidden(call.group_resource(), pod["metadata"]["name"].str(),
                     absl::StrCat("no PriorityClass with name ", name, " was found"));
  }
  Value& spec = pod.Ensure("spec");
  spec.Set("priority", found->value()["value"].int_or(0));
  if (!spec.Has("preemptionPolicy")) {
    spec.Set("preemptionPolicy",
             found->value()["preemptionPolicy"].string_or("PreemptLowerPriority"));
  }
  return absl::OkStatus();
}

absl::Status CheckValid(const Resource& resource, absl::string_view name,
                        const FieldErrors& errors) {
  if (errors.empty()) return absl::OkStatus();
  return Invalid(resource.group, resource.kind, name, errors);
}

FieldOwner OwnerOf(Cluster& cluster, const Call& call, const WriteOptions& options) {
  return {ManagerName(call, options), call.info.subresource, cluster.clock().Now()};
}

void SetOrErase(Value& object, absl::string_view key, const Value& value) {
  if (value.is_null()) {
    object.Erase(key);
  } else {
    object.Set(key, value);
  }
}

void SetSystemFields(Cluster& cluster, const Call& call, Value& metadata) {
  for (const char* key : {"deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"}) {
    metadata.Erase(key);
  }
  metadata.Set("uid", crypto::RandomUuid());
  metadata.Set("creationTimestamp", cluster.Timestamp());
  if (call.resource->namespaced) {
    metadata.Set("namespace", call.info.ns);
  } else {
    metadata.Erase("namespace");
  }
}

// `managedFields` without the times, which a write that changes nothing else does not move.
Value WithoutTimes(const Value& object) {
  Value copy = object;
  Value* metadata = copy.FindMutable("metadata");
  Value* fields = metadata == nullptr ? nullptr : metadata->FindMutable("managedFields");
  if (fields == nullptr || !fields->is_array()) return copy;
  for (Value& entry : fields->mutable_items()) entry.Erase("time");
  return copy;
}

bool HasFinalizer(const Value& object, absl::string_view finalizer) {
  for (const Value& item : object["metadata"]["finalizers"].items()) {
    if (item.str() == finalizer) return true;
  }
  return false;
}

// Whether an object that is being deleted has nothing left to wait for.
bool ReadyToGo(const Resource& resource, const Value& object) {
  const Value& metadata = object["metadata"];
  if (metadata["deletionTimestamp"].is_null() || !metadata["finalizers"].empty()) return false;
  if (resource.storage == "namespaces" && !object["spec"]["finalizers"].empty()) return false;
  return metadata["deletionGracePeriodSeconds"].int_or(0) == 0;
}

// `object` as it is to be stored. One that came by another version loses what the storage version
// does not know, and gets its defaults too.
Value Stored(Cluster& cluster, const Call& call, const Value& object) {
  const Resource& resource = *call.resource;
  Value stored = ToStorage(resource, object);
  if (resource.custom != nullptr && resource.storage_api_version != resource.api_version()) {
    const ResourceRef storage = call.table->FindStorage(resource.storage);
    if (storage != nullptr) cluster.rules().Adapt(*storage, stored);
  }
  return stored;
}

void AddWarnings(Cluster& cluster, Call& call, const Value& object) {
  for (std::string& warning : cluster.rules().Warnings(*call.resource, object)) {
    call.warnings.push_back(std::move(warning));
  }
}

ObjectRef Unstored(Value value, uint64_t version) {
  return std::make_shared<Object>(std::move(value), version);
}

// What an update may not touch, taken over from the old object where the new one is silent.
void KeepSystemFields(const Value& old, Value& metadata) {
  if (metadata["uid"].str().empty()) SetOrErase(metadata, "uid", old["metadata"]["uid"]);
  SetOrErase(metadata, "creationTimestamp", old["metadata"]["creationTimestamp"]);
  for (const char* key : {"deletionTimestamp", "deletionGracePeriodSeconds"}) {
    if (!metadata.Has(key)) SetOrErase(metadata, key, old["metadata"][key]);
  }
}

absl::Status CheckVersion(const Call& call, const Object& current, const Value& object) {
  const absl::string_view given = object["metadata"]["resourceVersion"].str();
  if (given.empty() || given == "0") {
    if (StrategyOf(*call.resource).unconditional_update) return absl::OkStatus();
    return Invalid(call.resource->group, call.resource->plural, current.name(),
                   {FieldError{"FieldValueInvalid", "metadata.resourceVersion",
                               "Invalid value: 0: must be specified for an update"}});
  }
  ASSIGN_OR_RETURN(const uint64_t version, ParseResourceVersion(given));
  if (version == current.version()) return absl::OkStatus();
  return Modified(call.group_resource(), current.name());
}

// The finalizers that a delete's propagation policy leaves.
Value FinalizersFor(const Strategy& strategy, Propagation propagation, const Value& object) {
  const bool has_policy = HasFinalizer(object, kOrphan) || HasFinalizer(object, kForeground);
  bool orphan = propagation == Propagation::kOrphan;
  bool foreground = propagation == Propagation::kForeground;
  if (propagation == Propagation::kUnset) {
    if (has_policy) return object["metadata"]["finalizers"];
    orphan = strategy.orphans_by_default;
  }
  Value finalizers = Value::EmptyArray();
  for (const Value& item : object["metadata"]["finalizers"].items()) {
    if (item.str() != kOrphan && item.str() != kForeground) finalizers.Append(item);
  }
  if (orphan) finalizers.Append(kOrphan);
  if (foreground) finalizers.Append(kForeground);
  return finalizers;
}

absl::Status CheckPreconditions(const Call& call, const DeleteOptions& options,
                                const Object& current) {
  // Worded by BeforeDelete(), which names the kind where everything else names the resource.
  const GroupResource kind{call.resource->group, call.resource->kind};
  if (!options.uid_precondition.empty() && options.uid_precondition != current.uid()) {
    return Conflict(kind, current.name(),
                    absl::StrCat("the UID in the precondition (", options.uid_precondition,
                                 ") does not match the UID in record (", current.uid(),
                                 "). The object might have been deleted and then recreated"));
  }
  if (!options.version_precondition.empty() &&
      options.version_precondition != absl::StrCat(current.version())) {
    return Conflict(
        kind, current.name(),
        absl::StrCat("the ResourceVersion in the precondition (", options.version_precondition,
                     ") does not match the ResourceVersion in record (", current.version(),
                     "). The object might have been modified"));
  }
  return absl::OkStatus();
}

// How long a delete leaves a pod; nothing else is deleted gracefully.
int64_t GracePeriod(const Strategy& strategy, const DeleteOptions& options, const Value& object) {
  if (!strategy.graceful) return 0;
  const absl::string_view phase = object["status"]["phase"].str();
  const bool idle =
      object["spec"]["nodeName"].str().empty() || phase == "Succeeded" || phase == "Failed";
  if (idle) return 0;
  if (options.grace_period_seconds.has_value()) return *options.grace_period_seconds;
  return object["spec"]["terminationGracePeriodSeconds"].int_or(30);
}

absl::Status CheckDeletable(const Call& call, absl::string_view name) {
  const bool is_protected = name == "default" || name == "kube-system" || name == "kube-public";
  if (call.resource->storage != "namespaces" || !is_protected) return absl::OkStatus();
  return Forbidden(call.group_resource(), name, "this namespace may not be deleted");
}

// `object` on its way out: when, how long it may take, and what it waits for.
Value MarkDeleting(Cluster& cluster, const Call& call, Value object, Value finalizers,
                   int64_t grace) {
  const bool first = object["metadata"]["deletionTimestamp"].is_null();
  Value& metadata = object.Ensure("metadata");
  if (finalizers.empty()) {
    metadata.Erase("finalizers");
  } else {
    metadata.Set("finalizers", std::move(finalizers));
  }
  const bool shorter = !first && grace < metadata["deletionGracePeriodSeconds"].int_or(grace);
  if (first || shorter) {
    metadata.Set("deletionTimestamp", FormatRfc3339(cluster.clock().Now() + absl::Seconds(grace)));
    if (call.resource->storage != "namespaces" && call.resource->storage != kCrdStorage) {
      metadata.Set("deletionGracePeriodSeconds", grace);
    }
  }
  const bool counts = metadata["generation"].int_or(0) > 0 && call.resource->storage != kCrdStorage;
  if (first && counts) {
    metadata.Set("generation", metadata["generation"].int_or(0) + 1);
  }
  if (call.resource->storage == "namespaces") {
    object.Ensure("status").Set("phase", "Terminating");
  }
  return object;
}

}  // namespace

absl::StatusOr<ObjectRef> CreateObject(Cluster& cluster, Call& call, const WriteOptions& options,
                                       Value object, bool fields_recorded) {
  const Resource& resource = *call.resource;
  Value& metadata = object.Ensure("metadata");
  const absl::string_view version = metadata["resourceVersion"].str();
  if (!version.empty() && version != "0") {
    return ApiError(500, "", "resourceVersion should not be set on objects to be created");
  }
  metadata.Erase("resourceVersion");
  RETURN_IF_ERROR(CheckNamespace(cluster, call, metadata["name"].str()));
  RETURN_IF_ERROR(CheckDefinition(cluster, call, metadata["name"].str()));
  SetSystemFields(cluster, call, metadata);
  const std::string given(metadata["name"].str());
  const std::string prefix(metadata["generateName"].str());
  object.Set("apiVersion", resource.api_version());
  object.Set("kind", resource.kind);
  for (int attempt = 0;; ++attempt) {
    std::string name = given;
    if (given.empty() && !prefix.empty()) {
      name = absl::StrCat(prefix.substr(0, kGeneratedPrefix), NameSuffix());
    }
    Value candidate = object;
    if (!name.empty()) candidate.Ensure("metadata").Set("name", name);
    if (!fields_recorded) {
      // What the server sets from here on, nobody owns.
      candidate = cluster.rules().RecordUpdate(resource, nullptr, candidate,
                                               OwnerOf(cluster, call, options));
    }
    RETURN_IF_ERROR(SetPriority(cluster, call, candidate));
    cluster.rules().PrepareCreate(resource, cluster.clock().Now(), candidate);
    RETURN_IF_ERROR(
        CheckValid(resource, name, cluster.rules().Validate(resource, candidate, nullptr, "")));
    call.info.name = name;
    if (attempt == 0) AddWarnings(cluster, call, candidate);
    if (resource.storage == kServices) {
      RETURN_IF_ERROR(CheckValid(resource, name, cluster.service_addresses().Assign(candidate)));
    }
    Value stored = Stored(cluster, call, candidate);
    const ObjectKey key = call.key();
    if (options.dry_run) {
      if (resource.storage == kServices) cluster.service_addresses().Release(candidate);
      if (cluster.store().Find(resource.storage, key) != nullptr) {
        return AlreadyExists(call.group_resource(), name);
      }
      return Unstored(std::move(stored), 0);
    }
    absl::StatusOr<ObjectRef> created =
        cluster.store().Create(resource.storage, key, std::move(stored));
    if (created.ok()) return created;
    if (resource.storage == kServices) cluster.service_addresses().Release(candidate);
    if (!given.empty() || attempt >= 7) return AlreadyExists(call.group_resource(), name);
  }
}

absl::StatusOr<ObjectRef> UpdateObject(Cluster& cluster, Call& call, const WriteOptions& options,
                                       const Mutation& mutation) {
  const Resource& resource = *call.resource;
  const ObjectKey key = call.key();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const ObjectRef current = cluster.store().Find(resource.storage, key);
    if (current == nullptr) return NotFound(call.group_resource(), key.name);
    const Value old = FromStorage(resource, current->value());
    ASSIGN_OR_RETURN(Value object, mutation.compute(old));
    RETURN_IF_ERROR(CheckVersion(call, *current, object));
    KeepSystemFields(old, object.Ensure("metadata"));
    object.Ensure("metadata").Set("resourceVersion", old["metadata"]["resourceVersion"]);
    if (!mutation.fields_recorded) {
      object = cluster.rules().RecordUpdate(resource, old, object, OwnerOf(cluster, call, options));
    }
    cluster.rules().PrepareUpdate(resource, call.info.subresource, old, object);
    RETURN_IF_ERROR(
        CheckValid(resource, key.name,
                   cluster.rules().Validate(resource, object, old, call.info.subresource)));
    if (resource.storage == kServices) {
      RETURN_IF_ERROR(
          CheckValid(resource, key.name, cluster.service_addresses().Reassign(old, object)));
    }
    if (attempt == 0) AddWarnings(cluster, call, object);
    if (WithoutTimes(object) == WithoutTimes(old)) {
      if (!ReadyToGo(resource, object)) return current;
    }
    Value stored = Stored(cluster, call, object);
    if (options.dry_run) {
      if (resource.storage == kServices) cluster.service_addresses().Release(object, old);
      return Unstored(std::move(stored), current->version());
    }
    if (ReadyToGo(resource, object)) {
      if (!cluster.store().Remove(resource.storage, key, current).ok()) continue;
      if (resource.storage == kServices) cluster.service_addresses().Release(old);
      return Unstored(std::move(stored), current->version());
    }
    absl::StatusOr<ObjectRef> replaced =
        cluster.store().Replace(resource.storage, key, current, std::move(stored));
    if (resource.storage == kServices) {
      const bool done = replaced.ok();
      cluster.service_addresses().Release(done ? old : object, done ? object : old);
    }
    if (replaced.ok()) return replaced;
  }
  return Modified(call.group_resource(), key.name);
}

absl::StatusOr<Deletion> DeleteObject(Cluster& cluster, Call& call, const DeleteOptions& options) {
  const Resource& resource = *call.resource;
  const Strategy strategy = StrategyOf(resource);
  const ObjectKey key = call.key();
  RETURN_IF_ERROR(CheckDeletable(call, key.name));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const ObjectRef current = cluster.store().Find(resource.storage, key);
    if (current == nullptr) return NotFound(call.group_resource(), key.name);
    RETURN_IF_ERROR(CheckPreconditions(call, options, *current));
    const Value& object = current->value();
    Value finalizers = FinalizersFor(strategy, options.propagation, object);
    const int64_t grace = GracePeriod(strategy, options, object);
    // Instances of a custom kind go before its definition does; they are stored under its name.
    const bool has_instances =
        resource.storage == kCrdStorage && cluster.store().Count(key.name) > 0;
    if (has_instances && !HasFinalizer(object, kCrdCleanupFinalizer)) {
      finalizers.Append(kCrdCleanupFinalizer);
    }
    const bool waits = !finalizers.empty() || grace > 0 ||
                       (resource.storage == "namespaces" && !object["spec"]["finalizers"].empty());
    if (waits) {
      Value marked = MarkDeleting(cluster, call, object, std::move(finalizers), grace);
      if (marked == object) return Deletion{current, false};
      if (options.dry_run) return Deletion{Unstored(std::move(marked), current->version()), false};
      absl::StatusOr<ObjectRef> replaced =
          cluster.store().Replace(resource.storage, key, current, std::move(marked));
      if (replaced.ok()) return Deletion{*std::move(replaced), false};
      continue;
    }
    if (options.dry_run) return Deletion{current, true};
    absl::StatusOr<ObjectRef> removed = cluster.store().Remove(resource.storage, key, current);
    if (!removed.ok()) continue;
    if (resource.storage == kServices) cluster.service_addresses().Release(object);
    return Deletion{*std::move(removed), true};
  }
  return Modified(call.group_resource(), key.name);
}

}  // namespace sluice::devapi
