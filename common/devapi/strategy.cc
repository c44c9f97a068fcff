// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/strategy.h"

#include <array>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace sluice::devapi {
namespace {

bool Listed(absl::string_view storage, std::initializer_list<absl::string_view> names) {
  return std::find(names.begin(), names.end(), storage) != names.end();
}

bool HasGeneration(absl::string_view storage) {
  return Listed(storage, {"pods",
                          "podtemplates",
                          "replicationcontrollers",
                          "daemonsets.apps",
                          "deployments.apps",
                          "replicasets.apps",
                          "statefulsets.apps",
                          "cronjobs.batch",
                          "jobs.batch",
                          "endpointslices.discovery.k8s.io",
                          "flowschemas.flowcontrol.apiserver.k8s.io",
                          "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io",
                          "ingressclasses.networking.k8s.io",
                          "ingresses.networking.k8s.io",
                          "networkpolicies.networking.k8s.io",
                          "poddisruptionbudgets.policy",
                          "deviceclasses.resource.k8s.io",
                          "resourceslices.resource.k8s.io",
                          "priorityclasses.scheduling.k8s.io",
                          "mutatingwebhookconfigurations.admissionregistration.k8s.io",
                          "validatingadmissionpolicies.admissionregistration.k8s.io",
                          "validatingadmissionpolicybindings.admissionregistration.k8s.io",
                          "validatingwebhookconfigurations.admissionregistration.k8s.io",
                          "customresourcedefinitions.apiextensions.k8s.io"});
}

// Whether anything differs that metadata.generation counts.
bool SpecChanged(const Resource& resource, const Value& old, const Value& object) {
  if (resource.custom == nullptr && object.Has("spec")) return !(old["spec"] == object["spec"]);
  // Custom resources, and built-in kinds without a spec: everything but metadata and status.
  const auto rest = [](Value value) {
    for (const char* key : {"metadata", "status", "apiVersion", "kind"}) value.Erase(key);
    return value;
  };
  return !(rest(old) == rest(object));
}

void SetOrErase(Value& object, absl::string_view key, const Value& value) {
  if (value.is_null()) {
    object.Erase(key);
  } else {
    object.Set(key, value);
  }
}

void PrepareStatusUpdate(const Resource& resource, const Value& old, Value& object) {
  Value result = old;
  SetOrErase(result, "status", object["status"]);
  if (resource.custom == nullptr) {
    // Built-in kinds take metadata too, except labels for most; custom ones take the status alone.
    Value metadata = object["metadata"];
    SetOrErase(metadata, "labels", old["metadata"]["labels"]);
    result.Set("metadata", std::move(metadata));
  } else {
    SetOrErase(result.Ensure("metadata"), "managedFields", object["metadata"]["managedFields"]);
  }
  object = std::move(result);
}

}  // namespace

Strategy StrategyOf(const Resource& resource) {
  Strategy strategy;
  const absl::string_view storage = resource.storage;
  if (resource.custom != nullptr) {
    strategy.has_status = resource.custom->has_status;
    strategy.has_generation = true;
    strategy.unconditional_update = false;
    return strategy;
  }
  strategy.has_status = resource.FindSubresource("status") != nullptr;
  strategy.has_generation = HasGeneration(storage);
  strategy.graceful = storage == "pods";
  strategy.create_on_update =
      Listed(storage,
             {"endpoints", "events", "limitranges", "services", "leases.coordination.k8s.io",
              "clusterroles.rbac.authorization.k8s.io",
              "clusterrolebindings.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io",
              "rolebindings.rbac.authorization.k8s.io"});
  strategy.unconditional_update =
      !Listed(storage, {"customresourcedefinitions.apiextensions.k8s.io",
                        "apiservices.apiregistration.k8s.io", "leases.coordination.k8s.io",
                        "poddisruptionbudgets.policy"});
  strategy.returns_deleted =
      Listed(storage, {"persistentvolumeclaims", "persistentvolumes", "pods", "podtemplates",
                       "resourcequotas", "serviceaccounts", "services",
                       "csidrivers.storage.k8s.io", "csinodes.storage.k8s.io",
                       "csistoragecapacities.storage.k8s.io", "storageclasses.storage.k8s.io",
                       "volumeattachments.storage.k8s.io",
                       "volumeattributesclasses.storage.k8s.io"});
  strategy.orphans_by_default = Listed(storage, {"replicationcontrollers", "jobs.batch"});
  return strategy;
}

void PrepareForCreate(const Resource& resource, Value& object) {
  const Strategy strategy = StrategyOf(resource);
  if (strategy.has_status) {
    object.Erase("status");
    // Kinds whose status is never absent.
    if (resource.storage == "namespaces") object.Set("status", Value{{"phase", "Active"}});
    if (resource.storage == "pods") object.Set("status", Value{{"phase", "Pending"}});
    if (resource.storage == "persistentvolumeclaims" || resource.storage == "persistentvolumes") {
      object.Set("status", Value{{"phase", "Pending"}});
    }
  }
  if (resource.storage == "namespaces") {
    object.Ensure("spec").Set("finalizers", Value(Value::Array{"kubernetes"}));
    const std::string name(object["metadata"]["name"].str());
    object.Ensure("metadata").Ensure("labels").Set("kubernetes.io/metadata.name", name);
  }
  if (strategy.has_generation) {
    object.Ensure("metadata").Set("generation", 1);
  } else {
    object.Ensure("metadata").Erase("generation");
  }
}

void PrepareForUpdate(const Resource& resource, absl::string_view subresource, const Value& old,
                      Value& object) {
  const Strategy strategy = StrategyOf(resource);
  Value& metadata = object.Ensure("metadata");
  SetOrErase(metadata, "generation", old["metadata"]["generation"]);
  if (subresource == "status") {
    PrepareStatusUpdate(resource, old, object);
    return;
  }
  if (strategy.has_status) SetOrErase(object, "status", old["status"]);
  if (resource.storage == "namespaces" && subresource != "finalize") {
    // Finalizers of a namespace's spec change through its finalize subresource only.
    SetOrErase(object, "spec", old["spec"]);
    const std::string name(old["metadata"]["name"].str());
    object.Ensure("metadata").Ensure("labels").Set("kubernetes.io/metadata.name", name);
  }
  if (strategy.has_generation && SpecChanged(resource, old, object)) {
    object.Ensure("metadata").Set("generation", old["metadata"]["generation"].int_or(0) + 1);
  }
}

}  // namespace sluice::devapi
