// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/containers.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
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

// Which of its own fields a container can be told.
void ValidateFieldReference(const Field& reference, FieldErrors& errors) {
  if (reference.absent()) return;
  static constexpr absl::string_view kFields[] = {"metadata.name",
                                                  "metadata.namespace",
                                                  "metadata.uid",
                                                  "spec.nodeName",
                                                  "spec.serviceAccountName",
                                                  "status.hostIP",
                                                  "status.hostIPs",
                                                  "status.podIP",
                                                  "status.podIPs"};
  const Field path = reference["fieldPath"];
  if (!MustBePresent(path, errors)) return;
  const bool keyed = absl::StartsWith(path.str(), "metadata.annotations[") ||
                     absl::StartsWith(path.str(), "metadata.labels[");
  if (keyed || std::find(std::begin(kFields), std::end(kFields), path.str()) != std::end(kFields)) {
    return;
  }
  Add(path, {absl::StrCat("error converting fieldPath: field label not supported: ", path.str())},
      errors);
}

void ValidateEnvironmentSources(const Field& sources, FieldErrors& errors) {
  for (size_t i = 0; i < sources.value.size(); ++i) {
    const Field source = sources.At(i);
    for (const char* kind : {"configMapRef", "secretRef"}) {
      const Field reference = source[kind];
      if (!reference.absent()) MustBePresent(reference["name"], errors);
    }
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
                                    "must specify one of: `fieldRef`, `resourceFieldRef`, "
                                    "`configMapKeyRef` or `secretKeyRef`"));
    }
    ValidateFieldReference(source["fieldRef"], errors);
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

// A resource of somebody else's domain, which is counted in whole ones.
bool IsExtended(absl::string_view name) {
  return absl::StrContains(name, "/") && !absl::StrContains(name, "kubernetes.io/");
}

// Whether a quantity in canonical form has a fraction.
bool IsFraction(absl::string_view quantity) {
  return absl::EndsWith(quantity, "m") || absl::EndsWith(quantity, "u") ||
         absl::EndsWith(quantity, "n");
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
        errors.push_back(InvalidValue(amount.path, Value(member.key),
                                      "must be a standard resource for containers"));
      }
      if (IsExtended(member.key) && IsFraction(amount.str())) {
        Add(amount, {"must be an integer"}, errors);
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

// What a probe or a hook does: one thing.
void ValidateHandler(const Field& handler, FieldErrors& errors) {
  int kinds = 0;
  // Whether it is there, and the first that is.
  const auto is_given = [&](const Field& action) {
    if (action.absent()) return false;
    if (++kinds == 1) return true;
    errors.push_back(ForbiddenField(action.path, "may not specify more than 1 handler type"));
    return false;
  };
  const Field exec = handler["exec"];
  if (is_given(exec)) {
    const Field command = exec["command"];
    if (command.value.empty()) errors.push_back(Required(command.path));
  }
  const Field http = handler["httpGet"];
  if (is_given(http)) {
    MustBePresent(http["path"], errors);
    CheckPortReference(http["port"], errors);
    MustBeOneOf(http["scheme"], {"HTTP", "HTTPS"}, errors);
  }
  const Field tcp = handler["tcpSocket"];
  if (is_given(tcp)) CheckPortReference(tcp["port"], errors);
  for (const char* other : {"grpc", "sleep"}) is_given(handler[other]);
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

void ValidateSecurity(const Field& context, FieldErrors& errors) {
  if (context.absent()) return;
  for (const char* name : {"runAsUser", "runAsGroup"}) MustBeId(context[name], errors);
  const Value& escalation = context.value["allowPrivilegeEscalation"];
  if (context.value["privileged"].bool_or(false) && !escalation.bool_or(true)) {
    Add(context, {"cannot set `allowPrivilegeEscalation` to false and `privileged` to true"},
        errors);
  }
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
  ValidateEnvironmentSources(container["envFrom"], errors);
  ValidateMounts(container["volumeMounts"], volumes, errors);
  MustBeOneOf(container["imagePullPolicy"], {"Always", "IfNotPresent", "Never"}, errors);
  ValidateResources(container["resources"], errors);
  ValidateSecurity(container["securityContext"], errors);
}

}  // namespace

void MustBeId(const Field& id, FieldErrors& errors) {
  constexpr int64_t kMaxId = 2147483647;
  if (id.value.int_or(0) >= 0 && id.value.int_or(0) <= kMaxId) return;
  Add(id, {"must be between 0 and 2147483647, inclusive"}, errors);
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
      } else if (absl::string_view(probe) == "lifecycle") {
        for (const char* hook : {"postStart", "preStop"}) {
          const Field handler = field[hook];
          if (!handler.absent()) ValidateHandler(handler, errors);
        }
      } else {
        ValidateProbe(field, absl::string_view(probe) != "readinessProbe", errors);
      }
    }
  }
}

}  // namespace sluice::devapi
