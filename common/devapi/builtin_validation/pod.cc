// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/pod.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/devapi/builtin_validation/object_meta.h"
#include "common/devapi/schema/quantity.h"

namespace sluice::devapi {
namespace {

const std::vector<std::string>& Protocols() {
  static const auto* const kProtocols = new std::vector<std::string>{"SCTP", "TCP", "UDP"};
  return *kProtocols;
}

void CheckPort(const Field& field, FieldErrors& errors) {
  if (!field.absent() && field.value.int_or(0) != 0) {
    Add(field, CheckPortNumber(field.value.int_or(0)), errors);
  }
}

// A port by number or by name.
void CheckPortReference(const Field& port, FieldErrors& errors) {
  Add(port,
      port.value.is_string() ? CheckPortName(port.str()) : CheckPortNumber(port.value.int_or(0)),
      errors);
}

void ValidatePorts(const Field& ports, FieldErrors& errors) {
  std::set<std::string> names;
  for (size_t i = 0; i < ports.value.size(); ++i) {
    const Field port = ports.At(i);
    const Field name = port["name"];
    if (!name.str().empty()) {
      const Messages messages = CheckPortName(name.str());
      Add(name, messages, errors);
      if (messages.empty() && !names.insert(std::string(name.str())).second) {
        errors.push_back(Duplicate(name.path, name.value));
      }
    }
    const Field number = port["containerPort"];
    if (number.value.int_or(0) == 0) {
      errors.push_back(Required(number.path));
    } else {
      CheckPort(number, errors);
    }
    CheckPort(port["hostPort"], errors);
    MustBeOneOf(port["protocol"], Protocols(), errors);
  }
}

void ValidateEnvironment(const Field& variables, FieldErrors& errors) {
  for (size_t i = 0; i < variables.value.size(); ++i) {
    const Field variable = variables.At(i);
    const Field name = variable["name"];
    if (MustBePresent(name, errors)) Add(name, CheckEnvVarName(name.str()), errors);
    const Field source = variable["valueFrom"];
    if (source.absent()) continue;
    if (!variable.value["value"].str().empty()) {
      errors.push_back(
          InvalidValue(source.path, "", "may not be specified when `value` is not empty"));
    }
    if (source.value.empty()) {
      errors.push_back(InvalidValue(source.path, "",
                                    "must specify one of: `fieldRef`, "
                                    "`resourceFieldRef`, `configMapKeyRef`, "
                                    "`secretKeyRef` or `fileKeyRef`"));
    }
    for (const char* kind : {"configMapKeyRef", "secretKeyRef"}) {
      const Field reference = source[kind];
      if (reference.absent()) continue;
      const Field key = reference["key"];
      if (MustBePresent(key, errors)) Add(key, CheckConfigKey(key.str()), errors);
    }
  }
}

void ValidateMounts(const Field& mounts, const std::set<std::string>& volumes,
                    FieldErrors& errors) {
  std::set<std::string> paths;
  for (size_t i = 0; i < mounts.value.size(); ++i) {
    const Field mount = mounts.At(i);
    const Field name = mount["name"];
    MustBePresent(name, errors);
    if (volumes.count(std::string(name.str())) == 0) {
      errors.push_back(FieldNotFound(name.path, name.value));
    }
    const Field path = mount["mountPath"];
    MustBePresent(path, errors);
    if (!paths.insert(std::string(path.str())).second) Add(path, {"must be unique"}, errors);
  }
}

void ValidateResources(const Field& resources, FieldErrors& errors) {
  const Field limits = resources["limits"];
  const Field requests = resources["requests"];
  for (const Field* list : {&limits, &requests}) {
    for (const value::Member& member : list->value.members()) {
      const Field amount = list->Key(member);
      if (CompareQuantities(amount.str(), "0") < 0) {
        Add(amount, {"must be greater than or equal to 0"}, errors);
      }
      const bool standard =
          member.key == "cpu" || member.key == "memory" || member.key == "ephemeral-storage";
      if (!standard && !absl::StrContains(member.key, "/") &&
          !absl::StartsWith(member.key, "hugepages-")) {
        errors.push_back(InvalidValue(amount.path, Value(member.key),
                                      "must be a standard resource type or fully qualified"));
      }
    }
  }
  for (const value::Member& member : requests.value.members()) {
    const Value& limit = limits.value[member.key];
    if (limit.is_null() || CompareQuantities(member.value.str(), limit.str()) <= 0) continue;
    errors.push_back(InvalidValue(
        requests.path, member.value,
        absl::StrCat("must be less than or equal to ", member.key, " limit of ", limit.str())));
  }
}

void ValidateHandler(const Field& handler, FieldErrors& errors) {
  int kinds = 0;
  const Field http = handler["httpGet"];
  if (!http.absent()) {
    ++kinds;
    MustBePresent(http["path"], errors);
    CheckPortReference(http["port"], errors);
    MustBeOneOf(http["scheme"], {"HTTP", "HTTPS"}, errors);
  }
  const Field tcp = handler["tcpSocket"];
  if (!tcp.absent()) {
    ++kinds;
    CheckPortReference(tcp["port"], errors);
  }
  const Field exec = handler["exec"];
  if (!exec.absent()) {
    ++kinds;
    const Field command = exec["command"];
    if (command.value.empty()) errors.push_back(Required(command.path));
  }
  for (const char* other : {"grpc", "sleep"}) kinds += handler.value.Has(other) ? 1 : 0;
  if (kinds == 0) errors.push_back(Required(handler.path, "must specify a handler type"));
}

void ValidateProbe(const Field& probe, bool is_liveness, FieldErrors& errors) {
  if (probe.absent()) return;
  ValidateHandler(probe, errors);
  for (const char* name : {"initialDelaySeconds", "timeoutSeconds", "periodSeconds",
                           "successThreshold", "failureThreshold"}) {
    NonNegative(probe[name], errors);
  }
  const Field threshold = probe["successThreshold"];
  if (is_liveness && threshold.value.int_or(1) != 1) Add(threshold, {"must be 1"}, errors);
}

void ValidateContainer(const Field& container, const std::set<std::string>& volumes,
                       FieldErrors& errors) {
  const Field name = container["name"];
  if (MustBePresent(name, errors)) Add(name, CheckDnsLabel(name.str()), errors);
  const Field image = container["image"];
  if (MustBePresent(image, errors) && absl::StripAsciiWhitespace(image.str()) != image.str()) {
    Add(image, {"must not have leading or trailing whitespace"}, errors);
  }
  MustBeOneOf(container["terminationMessagePolicy"], {"File", "FallbackToLogsOnError"}, errors);
  ValidatePorts(container["ports"], errors);
  ValidateEnvironment(container["env"], errors);
  ValidateMounts(container["volumeMounts"], volumes, errors);
  MustBeOneOf(container["imagePullPolicy"], {"Always", "IfNotPresent", "Never"}, errors);
  ValidateResources(container["resources"], errors);
}

void ValidateContainers(const Field& containers, const std::set<std::string>& volumes,
                        std::set<std::string>& names, bool are_init, FieldErrors& errors) {
  for (size_t i = 0; i < containers.value.size(); ++i) {
    const Field container = containers.At(i);
    ValidateContainer(container, volumes, errors);
    const Field name = container["name"];
    if (!names.insert(std::string(name.str())).second && !name.str().empty()) {
      errors.push_back(Duplicate(name.path, name.value));
    }
    const bool sidecar = container.value["restartPolicy"].str() == "Always";
    for (const char* probe : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}) {
      const Field field = container[probe];
      if (are_init && !sidecar) {
        if (field.absent()) continue;
        errors.push_back(ForbiddenField(
            field.path, "may not be set for init containers without restartPolicy=Always"));
      } else if (absl::string_view(probe) != "lifecycle") {
        ValidateProbe(field, absl::string_view(probe) != "readinessProbe", errors);
      }
    }
  }
}

std::set<std::string> ValidateVolumes(const Field& volumes, FieldErrors& errors) {
  std::set<std::string> names;
  for (size_t i = 0; i < volumes.value.size(); ++i) {
    const Field volume = volumes.At(i);
    const size_t before = errors.size();
    // The reference looks at the sources in the order of its struct; emptyDir comes first.
    int sources = 0;
    for (const char* first : {"emptyDir", "hostPath"}) sources += volume.value.Has(first) ? 1 : 0;
    if (sources > 1) {
      const Field second = volume["hostPath"];
      errors.push_back(ForbiddenField(second.path, "may not specify more than 1 volume type"));
    }
    for (const value::Member& member : volume.value.members()) {
      if (member.key == "name" || member.key == "emptyDir" || member.key == "hostPath") continue;
      if (++sources > 1) {
        const FieldPath path = volume.path.Child(member.key);
        errors.push_back(ForbiddenField(path, "may not specify more than 1 volume type"));
      }
    }
    if (sources == 0) errors.push_back(Required(volume.path, "must specify a volume type"));
    const Field name = volume["name"];
    if (!MustBePresent(name, errors)) continue;
    Add(name, CheckDnsLabel(name.str()), errors);
    if (names.count(std::string(name.str())) > 0) {
      errors.push_back(Duplicate(name.path, name.value));
    } else if (errors.size() == before) {
      names.emplace(name.str());
    }
  }
  return names;
}

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
  const Field deadline = spec["activeDeadlineSeconds"];
  if (!deadline.absent() &&
      (deadline.value.int_or(0) < 1 || deadline.value.int_or(0) > 2147483647)) {
    Add(deadline, {"must be between 1 and 2147483647, inclusive"}, errors);
  }
}

}  // namespace

void ValidatePodSpec(const Field& spec, FieldErrors& errors) { ValidateSpec(spec, {}, errors); }

void ValidatePodTemplate(const Field& pod_template, const std::vector<std::string>& extra_volumes,
                         FieldErrors& errors) {
  const Field metadata = pod_template["metadata"];
  const Field labels = metadata["labels"];
  ValidateLabels(labels.value, labels.path, errors);
  const Field annotations = metadata["annotations"];
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
