// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_defaults/prepare.h"

#include <algorithm>
#include <iterator>
#include <span>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/duration.h"
#include "common/devapi/builtin_defaults/pod.h"
#include "common/devapi/schema/go_codec.h"
#include "common/devapi/schema/quantity.h"

namespace sluice::devapi {
namespace {

constexpr char kTemplateGeneration[] = "deprecated.daemonset.template.generation";

// The status that Go's type has when nothing is set.
Value EmptyStatus(const Schema& schema) {
  const Property* const status = schema.Find("status");
  if (status == nullptr) return Value();
  const absl::StatusOr<GoDecoded> decoded = GoDecode(*status->schema, Value::EmptyObject());
  return decoded.ok() ? decoded->value : Value::EmptyObject();
}

void PrepareNamespace(Value& object) {
  Value finalizers = object["spec"]["finalizers"];
  const bool known =
      std::any_of(finalizers.items().begin(), finalizers.items().end(),
                  [](const Value& finalizer) { return finalizer.str() == "kubernetes"; });
  if (!known) finalizers.Append("kubernetes");
  object.Ensure("spec").Set("finalizers", std::move(finalizers));
  object.Set("status", Value{{"phase", "Active"}});
}

void PrepareJob(Value& object) {
  if (object["spec"]["manualSelector"].bool_or(false)) return;
  const Value uid = object["metadata"]["uid"];
  const Value name = object["metadata"]["name"];
  Value& labels = object.Ensure("spec").Ensure("template").Ensure("metadata").Ensure("labels");
  // The labels with the prefix and the older ones without.
  for (const char* prefix : {"batch.kubernetes.io/", ""}) {
    SetDefault(labels, absl::StrCat(prefix, "controller-uid"), uid);
    SetDefault(labels, absl::StrCat(prefix, "job-name"), name);
  }
  object.Ensure("spec")
      .Ensure("selector")
      .Ensure("matchLabels")
      .Set("batch.kubernetes.io/controller-uid", uid);
  // Defaulting gives a Job without labels those of its template; it sees these ones too.
  if (object["metadata"]["labels"].empty()) {
    object.Ensure("metadata")
        .Set("labels", Value(object["spec"]["template"]["metadata"]["labels"]));
  }
}

void AddToleration(Value& spec, const char* key) {
  for (const Value& toleration : spec["tolerations"].items()) {
    const absl::string_view effect = toleration["effect"].str();
    const absl::string_view tolerated = toleration["key"].str();
    if ((tolerated == key || tolerated.empty()) && (effect == "NoExecute" || effect.empty()))
      return;
  }
  Value tolerations = spec["tolerations"];
  tolerations.Append(Value{
      {"key", key}, {"operator", "Exists"}, {"effect", "NoExecute"}, {"tolerationSeconds", 300}});
  spec.Set("tolerations", std::move(tolerations));
}

// Guaranteed if every container limits cpu and memory to what it requests, BestEffort if none asks
// for anything.
const char* QosClass(const Value& spec) {
  bool guaranteed = true;
  bool best_effort = true;
  for (const char* list : {"containers", "initContainers"}) {
    for (const Value& container : spec[list].items()) {
      for (const char* resource : {"cpu", "memory"}) {
        const Value& limit = container["resources"]["limits"][resource];
        const Value& request = container["resources"]["requests"][resource];
        const bool limited = !limit.is_null() && CompareQuantities(limit.str(), "0") > 0;
        const bool requested = !request.is_null() && CompareQuantities(request.str(), "0") > 0;
        best_effort = best_effort && !limited && !requested;
        guaranteed = guaranteed && limited && requested &&
                     CompareQuantities(limit.str(), request.str()) == 0;
      }
    }
  }
  return best_effort ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}

void PreparePod(Value& object) {
  Value& spec = object.Ensure("spec");
  if (spec["terminationGracePeriodSeconds"].int_or(0) < 0) {
    spec.Set("terminationGracePeriodSeconds", 1);
  }
  AddToleration(spec, "node.kubernetes.io/not-ready");
  AddToleration(spec, "node.kubernetes.io/unreachable");
  if (!spec.Has("priority")) spec.Set("priority", 0);
  SetDefault(spec, "preemptionPolicy", "PreemptLowerPriority");
  object.Set("status", Value{{"phase", "Pending"}, {"qosClass", QosClass(object["spec"])}});
}

void PrepareService(Value& object) {
  Value& spec = object.Ensure("spec");
  if (spec["type"].str() == "ExternalName") return;
  const bool headless = spec["clusterIP"].str() == "None";
  if (headless) SetDefault(spec, "clusterIPs", Value(Value::Array{"None"}));
  // A headless service without selector may have endpoints of both families.
  const bool both = headless && !spec.Has("selector");
  SetDefault(spec, "ipFamilyPolicy", both ? "RequireDualStack" : "SingleStack");
  SetDefault(spec, "ipFamilies",
             both ? Value(Value::Array{"IPv4", "IPv6"}) : Value(Value::Array{"IPv4"}));
}

void PrepareDaemonSet(Value& object) {
  object.Ensure("metadata").Ensure("annotations").Set(kTemplateGeneration, "1");
}

void PrepareVolume(Value& object, absl::Time now) {
  object.Set("status",
             Value{{"phase", "Pending"}, {"lastPhaseTransitionTime", FormatRfc3339(now)}});
}

void PrepareNode(Value& object) {
  Value taints = object["spec"]["taints"];
  for (const Value& taint : taints.items()) {
    if (taint["key"].str() == "node.kubernetes.io/not-ready") return;
  }
  taints.Append(Value{{"key", "node.kubernetes.io/not-ready"}, {"effect", "NoSchedule"}});
  object.Ensure("spec").Set("taints", std::move(taints));
}

void CountTemplateChange(const Value& old, Value& object) {
  int64_t generation = 0;
  const Value& before = old["metadata"]["annotations"][kTemplateGeneration];
  if (!absl::SimpleAtoi(before.str(), &generation)) generation = 1;
  if (old["spec"]["template"] != object["spec"]["template"]) ++generation;
  object.Ensure("metadata")
      .Ensure("annotations")
      .Set(kTemplateGeneration, absl::StrCat(generation));
}

}  // namespace

void PrepareBuiltinCreate(const BuiltinType& type, absl::Time now, Value& object) {
  const bool core = type.group.empty();
  if (type.has_status && !(core && type.kind == "Node")) {
    object.Set("status", EmptyStatus(*type.schema));
  }
  if (core && type.kind == "Namespace") PrepareNamespace(object);
  if (core && type.kind == "Pod") PreparePod(object);
  if (core && type.kind == "Service") PrepareService(object);
  if (core && type.kind == "Node") PrepareNode(object);
  if (core && type.kind == "PersistentVolume") PrepareVolume(object, now);
  if (core && type.kind == "PersistentVolumeClaim") {
    object.Set("status", Value{{"phase", "Pending"}});
  }
  if (type.group == "batch" && type.kind == "Job") PrepareJob(object);
  if (type.group == "apps" && type.kind == "DaemonSet") PrepareDaemonSet(object);
}

void PrepareBuiltinUpdate(const BuiltinType& type, const Value& old, Value& object) {
  if (type.has_status) {
    if (const Value* status = old.Find("status"); status != nullptr) object.Set("status", *status);
  }
  if (type.group.empty() && type.kind == "Secret") {
    // Clients that never read the type do not send it.
    if (object["type"].str().empty()) object.Set("type", Value(old["type"]));
  }
  if (type.group.empty() && type.kind == "Namespace") {
    if (const Value* finalizers = old["spec"].Find("finalizers"); finalizers != nullptr) {
      object.Ensure("spec").Set("finalizers", *finalizers);
    }
  }
  if (type.group.empty() && type.kind == "Service" &&
      object["spec"]["type"].str() == "ExternalName" &&
      old["spec"]["type"].str() != "ExternalName") {
    // It has no addresses any more.
    for (const char* field :
         {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"}) {
      if (object["spec"][field] == old["spec"][field]) object.Ensure("spec").Erase(field);
    }
  }
  if (type.group.empty() && type.kind == "Service" &&
      object["spec"]["type"].str() != "ExternalName") {
    // Addresses are kept by clients that leave them out.
    for (const char* field : {"clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"}) {
      if (const Value* before = old["spec"].Find(field); before != nullptr) {
        SetDefault(object.Ensure("spec"), field, *before);
      }
    }
  }
  if (type.group == "apps" && type.kind == "DaemonSet") CountTemplateChange(old, object);
}

void PrepareStatusUpdate(bool is_custom, const Value& old, Value& object) {
  Value result = old;
  if (const Value* status = object.Find("status"); status != nullptr) {
    result.Set("status", *status);
  } else {
    result.Erase("status");
  }
  // The versions may differ; the caller's stays.
  if (object.Has("apiVersion")) result.Set("apiVersion", Value(object["apiVersion"]));
  static constexpr const char* kKept[] = {"managedFields", "resourceVersion", "annotations",
                                          "finalizers", "ownerReferences"};
  for (const char* field : std::span(kKept, is_custom ? 2 : std::size(kKept))) {
    Value& metadata = result.Ensure("metadata");
    if (const Value* value = object["metadata"].Find(field); value != nullptr) {
      metadata.Set(field, *value);
    } else {
      metadata.Erase(field);
    }
  }
  object = std::move(result);
}

bool HasGeneration(absl::string_view group, absl::string_view kind) {
  static constexpr struct {
    absl::string_view group;
    absl::string_view kind;
  } kRows[] = {
      {"", "Pod"},
      {"", "PodTemplate"},
      {"", "ReplicationController"},
      {"admissionregistration.k8s.io", "MutatingWebhookConfiguration"},
      {"admissionregistration.k8s.io", "ValidatingAdmissionPolicy"},
      {"admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding"},
      {"admissionregistration.k8s.io", "ValidatingWebhookConfiguration"},
      {"apiextensions.k8s.io", "CustomResourceDefinition"},
      {"apps", "DaemonSet"},
      {"apps", "Deployment"},
      {"apps", "ReplicaSet"},
      {"apps", "StatefulSet"},
      {"batch", "CronJob"},
      {"batch", "Job"},
      {"discovery.k8s.io", "EndpointSlice"},
      {"flowcontrol.apiserver.k8s.io", "FlowSchema"},
      {"flowcontrol.apiserver.k8s.io", "PriorityLevelConfiguration"},
      {"networking.k8s.io", "Ingress"},
      {"networking.k8s.io", "IngressClass"},
      {"networking.k8s.io", "NetworkPolicy"},
      {"policy", "PodDisruptionBudget"},
      {"scheduling.k8s.io", "PriorityClass"},
  };
  return std::any_of(std::begin(kRows), std::end(kRows),
                     [&](const auto& row) { return row.group == group && row.kind == kind; });
}

bool ChangesGeneration(absl::string_view group, absl::string_view kind, const Value& old,
                       const Value& object) {
  const auto changed = [&](const char* field) {
    return old["metadata"][field] != object["metadata"][field];
  };
  if (group == "apps" && kind == "Deployment" && changed("annotations")) return true;
  if (group == "discovery.k8s.io" && kind == "EndpointSlice" && changed("labels")) return true;
  Value before = old;
  Value after = object;
  for (const char* field : {"apiVersion", "kind", "metadata", "status"}) {
    before.Erase(field);
    after.Erase(field);
  }
  return before != after;
}

}  // namespace sluice::devapi
