// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/pod.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "common/devapi/builtin_validation/containers.h"
#include "common/devapi/builtin_validation/object_meta.h"
#include "common/devapi/builtin_validation/scheduling.h"
#include "common/devapi/builtin_validation/volumes.h"

namespace sluice::devapi {
namespace {

void ValidateHostNetwork(const Field& spec, FieldErrors& errors) {
  if (!spec.value["hostNetwork"].bool_or(false)) return;
  const Field containers = spec["containers"];
  for (size_t i = 0; i < containers.value.size(); ++i) {
    const Field container = containers.At(i);
    const Field ports = container["ports"];
    for (size_t j = 0; j < ports.value.size(); ++j) {
      const Field port = ports.At(j);
      const Field host_port = port["hostPort"];
      const Field number = port["containerPort"];
      if (!host_port.absent() && host_port.value != number.value) {
        Add(number, {"must match `hostPort` when `hostNetwork` is true"}, errors);
      }
    }
  }
}

void ValidateSecurity(const Field& spec, FieldErrors& errors) {
  const Field context = spec["securityContext"];
  for (const char* name : {"runAsUser", "runAsGroup", "fsGroup"}) MustBeId(context[name], errors);
  const bool shares = spec.value["shareProcessNamespace"].bool_or(false);
  if (shares && spec.value["hostPID"].bool_or(false)) {
    const FieldPath path = context.path.Child("shareProcessNamespace");
    errors.push_back(
        InvalidValue(path, true, "ShareProcessNamespace and HostPID cannot both be enabled"));
  }
  const Field os = spec["os"];
  if (!os.absent()) {
    static const auto* const kSystems = new std::vector<std::string>{"linux", "windows"};
    const Value& name = os.value["name"];
    if (std::find(kSystems->begin(), kSystems->end(), name.str()) == kSystems->end()) {
      errors.push_back(NotSupported(os.path, name, *kSystems));
    }
  }
}

void ValidateSpec(const Field& spec, const std::vector<std::string>& extra_volumes,
                  FieldErrors& errors) {
  std::set<std::string> volumes = ValidateVolumes(spec["volumes"], errors);
  volumes.insert(extra_volumes.begin(), extra_volumes.end());
  const Field containers = spec["containers"];
  if (containers.value.empty()) errors.push_back(Required(containers.path));
  std::set<std::string> names;
  ValidateContainers(containers, volumes, names, false, errors);
  ValidateContainers(spec["initContainers"], volumes, names, true, errors);
  ValidateHostNetwork(spec, errors);
  MustBeOneOf(spec["restartPolicy"], {"Always", "OnFailure", "Never"}, errors);
  MustBeOneOf(spec["dnsPolicy"], {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"},
              errors);
  const Field selector = spec["nodeSelector"];
  ValidateLabels(selector.value, selector.path, errors);
  const Field account = spec["serviceAccountName"];
  if (!account.str().empty()) Add(account, CheckDnsSubdomain(account.str()), errors);
  ValidateScheduling(spec, errors);
  ValidatePodNetwork(spec, errors);
  ValidateSecurity(spec, errors);
  const Field deadline = spec["activeDeadlineSeconds"];
  if (!deadline.absent() &&
      (deadline.value.int_or(0) < 1 || deadline.value.int_or(0) > 2147483647)) {
    Add(deadline, {"must be between 1 and 2147483647, inclusive"}, errors);
  }
}

}  // namespace

void ValidatePodSpec(const Field& spec, FieldErrors& errors) { ValidateSpec(spec, {}, errors); }

void ValidatePodCreation(const Field& spec, FieldErrors& errors) {
  ValidateSpec(spec, {}, errors);
  const Field ephemeral = spec["ephemeralContainers"];
  if (!ephemeral.value.empty()) {
    errors.push_back(ForbiddenField(ephemeral.path, "cannot be set on create"));
  }
}

void ValidatePodTemplate(const Field& pod_template, const std::vector<std::string>& extra_volumes,
                         FieldErrors& errors) {
  // The reference's template has its labels and annotations without `metadata` around them.
  const Value& metadata = pod_template.value["metadata"];
  const FieldPath labels = pod_template.path.Child("labels");
  ValidateLabels(metadata["labels"], labels, errors);
  const Field annotations = {metadata["annotations"], pod_template.path.Child("annotations")};
  for (const value::Member& member : annotations.value.members()) {
    for (const std::string& message : CheckQualifiedName(absl::AsciiStrToLower(member.key))) {
      errors.push_back(InvalidValue(annotations.path, Value(member.key), message));
    }
  }
  ValidateSpec(pod_template["spec"], extra_volumes, errors);
}

void ValidatePodSpecUpdate(const Field& old_spec, const Field& spec, FieldErrors& errors) {
  for (const char* list : {"containers", "initContainers"}) {
    if (old_spec.value[list].size() == spec.value[list].size()) continue;
    const Field field = spec[list];
    errors.push_back(ForbiddenField(field.path, "pod updates may not add or remove containers"));
    return;
  }
  Value comparable = spec.value;
  for (const char* list : {"containers", "initContainers"}) {
    Value* const containers = comparable.FindMutable(list);
    if (containers == nullptr || !containers->is_array()) continue;
    for (size_t i = 0; i < containers->size(); ++i) {
      containers->mutable_items()[i].Set("image", Value(old_spec.value[list].at(i)["image"]));
    }
  }
  for (const char* field : {"activeDeadlineSeconds", "tolerations"}) {
    if (const Value* before = old_spec.value.Find(field); before != nullptr) {
      comparable.Set(field, *before);
    } else {
      comparable.Erase(field);
    }
  }
  if (old_spec.value["terminationGracePeriodSeconds"].int_or(0) < 0 &&
      comparable["terminationGracePeriodSeconds"].int_or(0) == 1) {
    comparable.Set("terminationGracePeriodSeconds",
                   Value(old_spec.value["terminationGracePeriodSeconds"]));
  }
  if (comparable == old_spec.value) return;
  errors.push_back(ForbiddenField(
      spec.path,
      "pod updates may not change fields other than "
      "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,"
      "`spec.tolerations` (only additions to existing tolerations),"
      "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously "
      "negative)"));
}

}  // namespace sluice::devapi
