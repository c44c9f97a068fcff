// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/policies.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

constexpr char kRbac[] = "rbac.authorization.k8s.io";

void ValidateBackend(const Field& backend, FieldErrors& errors) {
  const Field service = backend["service"];
  const Field resource = backend["resource"];
  if (service.absent() && resource.absent()) {
    errors.push_back(Required(backend.path, "resource or service backend is required"));
    return;
  }
  if (service.absent()) return;
  const Field name = service["name"];
  if (MustBePresent(name, errors)) Add(name, CheckDns1035Label(name.str()), errors);
  const Field port = service["port"];
  const bool named = !port.value["name"].str().empty();
  const int64_t number = port.value["number"].int_or(0);
  if (named && number != 0) {
    Add(port, {"cannot set both port name & port number"}, errors);
  } else if (!named && number == 0) {
    errors.push_back(Required(port.path, "port name or number is required"));
  }
}

void ValidateIngressPath(const Field& path, FieldErrors& errors) {
  const Field type = path["pathType"];
  if (type.absent()) {
    errors.push_back(Required(type.path, "pathType must be specified"));
    return;
  }
  MustBeOneOf(type, {"Exact", "ImplementationSpecific", "Prefix"}, errors);
  const Field text = path["path"];
  const bool optional = type.str() == "ImplementationSpecific" && text.str().empty();
  if (!optional && !absl::StartsWith(text.str(), "/")) {
    Add({Value(text.str()), text.path}, {"must be an absolute path"}, errors);
  }
  ValidateBackend(path["backend"], errors);
}

void ValidateRules(const Field& object, bool namespaced, FieldErrors& errors) {
  const Field rules = object["rules"];
  for (size_t i = 0; i < rules.value.size(); ++i) {
    const Field rule = rules.At(i);
    const Field verbs = rule["verbs"];
    if (verbs.value.empty()) {
      errors.push_back(Required(verbs.path, "verbs must contain at least one value"));
    }
    const Field urls = rule["nonResourceURLs"];
    if (!urls.value.empty()) {
      if (namespaced) {
        errors.push_back(InvalidValue(urls.path, urls.value,
                                      "namespaced rules cannot apply to non-resource URLs"));
      }
      if (!rule.value["apiGroups"].empty() || !rule.value["resources"].empty()) {
        errors.push_back(
            InvalidValue(urls.path, urls.value,
                         "rules cannot apply to both regular resources and non-resource URLs"));
      }
      continue;
    }
    const Field groups = rule["apiGroups"];
    if (groups.value.empty()) {
      errors.push_back(Required(groups.path, "resource rules must supply at least one api group"));
    }
    const Field resources = rule["resources"];
    if (resources.value.empty()) {
      errors.push_back(
          Required(resources.path, "resource rules must supply at least one resource"));
    }
  }
}

void ValidateSubject(const Field& subject, bool namespaced, FieldErrors& errors) {
  const Field name = subject["name"];
  const Field group = subject["apiGroup"];
  const Field kind = subject["kind"];
  if (name.str().empty()) errors.push_back(Required(name.path));
  if (kind.str() == "ServiceAccount") {
    if (!name.str().empty()) Add(name, CheckDnsSubdomain(name.str()), errors);
    if (!group.str().empty()) errors.push_back(NotSupported(group.path, group.value, {""}));
    const Field ns = subject["namespace"];
    if (!namespaced && ns.str().empty()) errors.push_back(Required(ns.path));
  } else if (kind.str() == "User" || kind.str() == "Group") {
    if (group.str() != kRbac) errors.push_back(NotSupported(group.path, group.value, {kRbac}));
  } else {
    errors.push_back(NotSupported(kind.path, kind.value, {"ServiceAccount", "User", "Group"}));
  }
}

void ValidateBinding(const Field& object, bool namespaced, FieldErrors& errors) {
  const Field role = object["roleRef"];
  MustBeOneOf(role["apiGroup"], {kRbac}, errors);
  if (namespaced) {
    MustBeOneOf(role["kind"], {"Role", "ClusterRole"}, errors);
  } else {
    MustBeOneOf(role["kind"], {"ClusterRole"}, errors);
  }
  const Field name = role["name"];
  if (MustBePresent(name, errors)) Add(name, CheckPathSegment(name.str()), errors);
  const Field subjects = object["subjects"];
  for (size_t i = 0; i < subjects.value.size(); ++i) {
    ValidateSubject(subjects.At(i), namespaced, errors);
  }
}

}  // namespace

void ValidateIngress(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  const Field backend = spec["defaultBackend"];
  const Field rules = spec["rules"];
  if (backend.absent() && rules.value.empty()) {
    errors.push_back(InvalidValue(spec.path, rules.value,
                                  "either `defaultBackend` or `rules` must be specified"));
  }
  if (!backend.absent()) ValidateBackend(backend, errors);
  for (size_t i = 0; i < rules.value.size(); ++i) {
    const Field rule = rules.At(i);
    const Field host = rule["host"];
    if (!host.str().empty()) {
      const absl::string_view fixed = absl::StripPrefix(host.str(), "*.");
      Add(host, CheckDnsSubdomain(fixed), errors);
    }
    const Field http = rule["http"];
    if (http.absent()) continue;
    const Field paths = http["paths"];
    if (paths.value.empty()) errors.push_back(Required(paths.path));
    for (size_t j = 0; j < paths.value.size(); ++j) ValidateIngressPath(paths.At(j), errors);
  }
}

void ValidateRole(const Field& object, FieldErrors& errors) { ValidateRules(object, true, errors); }

void ValidateClusterRole(const Field& object, FieldErrors& errors) {
  ValidateRules(object, false, errors);
}

void ValidateRoleBinding(const Field& object, FieldErrors& errors) {
  ValidateBinding(object, true, errors);
}

void ValidateClusterRoleBinding(const Field& object, FieldErrors& errors) {
  ValidateBinding(object, false, errors);
}

void ValidateDisruptionBudget(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  if (!spec.value.Has("minAvailable") || !spec.value.Has("maxUnavailable")) return;
  // As the API's internal type prints it.
  const auto json = [&](const char* name) { return value::FormatJson(spec.value[name]); };
  const PrintedValue printed = {
      absl::StrCat("{\"MinAvailable\":", json("minAvailable"), ",\"Selector\":", json("selector"),
                   ",\"MaxUnavailable\":", json("maxUnavailable"),
                   ",\"UnhealthyPodEvictionPolicy\":", json("unhealthyPodEvictionPolicy"), "}")};
  errors.push_back(
      InvalidValue(spec.path, printed, "minAvailable and maxUnavailable cannot be both set"));
}

void ValidateLease(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  const Field duration = spec["leaseDurationSeconds"];
  if (!duration.absent() && duration.value.int_or(0) <= 0) {
    Add(duration, {"must be greater than 0"}, errors);
  }
  const Field transitions = spec["leaseTransitions"];
  NonNegative(transitions, errors);
}

void ValidateRoleBindingUpdate(const Field& old_object, const Field& object, FieldErrors& errors) {
  const Field role = object["roleRef"];
  if (role.value == old_object.value["roleRef"]) return;
  errors.push_back(InvalidValue(
      role.path,
      PrintedValue{absl::StrCat("{\"APIGroup\":", value::FormatJson(role.value["apiGroup"]),
                                ",\"Kind\":", value::FormatJson(role.value["kind"]),
                                ",\"Name\":", value::FormatJson(role.value["name"]), "}")},
      "cannot change roleRef"));
}

void ValidateIngressClassUpdate(const Field& old_object, const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  const Field controller = spec["controller"];
  if (controller.value != old_object.value["spec"]["controller"]) {
    Add(controller, {"field is immutable"}, errors);
  }
}

void ValidateStorageClassUpdate(const Field& old_object, const Field& object, FieldErrors& errors) {
  for (const char* name : {"parameters", "provisioner", "reclaimPolicy"}) {
    const Field field = object[name];
    if (field.value != old_object.value[name]) {
      errors.push_back(
          ForbiddenField(field.path, absl::StrCat("updates to ", name, " are forbidden.")));
    }
  }
  const Field mode = object["volumeBindingMode"];
  if (mode.value != old_object.value["volumeBindingMode"]) {
    Add(mode, {"field is immutable"}, errors);
  }
}

void ValidatePriorityClassUpdate(const Field& old_object, const Field& object,
                                 FieldErrors& errors) {
  const Field value = object["value"];
  if (value.value != old_object.value["value"]) {
    errors.push_back(ForbiddenField(value.path, "may not be changed in an update."));
  }
  const Field policy = object["preemptionPolicy"];
  if (policy.value != old_object.value["preemptionPolicy"]) {
    Add(policy, {"field is immutable"}, errors);
  }
}

}  // namespace sluice::devapi
