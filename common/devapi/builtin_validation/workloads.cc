// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/workloads.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/devapi/builtin_validation/object_meta.h"
#include "common/devapi/builtin_validation/pod.h"
#include "common/value/json.h"

namespace sluice::devapi {
namespace {

bool RequirementMatches(const Value& requirement, const Value& labels) {
  const Value* const label = labels.Find(requirement["key"].str());
  const absl::string_view operation = requirement["operator"].str();
  if (operation == "Exists") return label != nullptr;
  if (operation == "DoesNotExist") return label == nullptr;
  const std::span<const Value> values = requirement["values"].items();
  const bool listed =
      label != nullptr && std::find(values.begin(), values.end(), *label) != values.end();
  return operation == "In" ? listed : operation == "NotIn" && !listed;
}

void ValidateLabelSelector(const Field& selector, FieldErrors& errors) {
  const Field labels = selector["matchLabels"];
  ValidateLabels(labels.value, labels.path, errors);
  const Field expressions = selector["matchExpressions"];
  for (size_t i = 0; i < expressions.value.size(); ++i) {
    const Field expression = expressions.At(i);
    const Field operation = expression["operator"];
    const Field values = expression["values"];
    if (operation.str() == "In" || operation.str() == "NotIn") {
      if (values.value.empty()) {
        errors.push_back(
            Required(values.path, "must be specified when `operator` is 'In' or 'NotIn'"));
      }
    } else if (operation.str() == "Exists" || operation.str() == "DoesNotExist") {
      if (!values.value.empty()) {
        errors.push_back(ForbiddenField(
            values.path, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
      }
    } else {
      Add(operation, {"not a valid selector operator"}, errors);
    }
    const Field key = expression["key"];
    Add(key, CheckQualifiedName(key.str()), errors);
  }
}

// A selector with its fields in the reference's order.
PrintedValue PrintSelector(const Value& selector) {
  std::vector<std::string> fields;
  for (const char* name : {"matchLabels", "matchExpressions"}) {
    if (!selector.Has(name)) continue;
    fields.push_back(absl::StrCat("\"", name, "\":", value::FormatJson(selector[name])));
  }
  return {absl::StrCat("{", absl::StrJoin(fields, ","), "}")};
}

// The selector, and that it fits the template. `kind` as in "empty selector is invalid for <kind>".
void ValidateSelector(const Field& spec, const char* kind, FieldErrors& errors) {
  const Field selector = spec["selector"];
  if (selector.absent()) {
    errors.push_back(Required(selector.path));
  } else {
    const size_t before = errors.size();
    ValidateLabelSelector(selector, errors);
    if (selector.value["matchLabels"].empty() && selector.value["matchExpressions"].empty()) {
      Add(selector, {absl::StrCat("empty selector is invalid for ", kind)}, errors);
      return;
    }
    if (errors.size() > before) {
      errors.push_back(
          InvalidValue(selector.path, PrintSelector(selector.value), "invalid label selector"));
      return;
    }
  }
  const Field pod_template = spec["template"];
  const Field metadata = pod_template["metadata"];
  const Field labels = metadata["labels"];
  if (!SelectorMatches(selector.value, labels.value)) {
    Add(labels, {"`selector` does not match template `labels`"}, errors);
  }
}

void MustRestartAlways(const Field& spec, const char* kind, FieldErrors& errors) {
  const Field pod_template = spec["template"];
  const Field pod = pod_template["spec"];
  MustBeOneOf(pod["restartPolicy"], {"Always"}, errors);
  const Field deadline = pod["activeDeadlineSeconds"];
  if (!deadline.absent()) {
    errors.push_back(ForbiddenField(
        deadline.path, absl::StrCat("activeDeadlineSeconds in ", kind, " is not Supported")));
  }
}

// Number of pods, or percent: -1 if it is neither.
int64_t Amount(const Value& value) {
  if (!value.is_string()) return value.int_or(-1);
  absl::string_view text = value.str();
  int64_t number = -1;
  if (!absl::ConsumeSuffix(&text, "%") || !absl::SimpleAtoi(text, &number)) return -1;
  return number;
}

void CheckAmount(const Field& amount, FieldErrors& errors) {
  if (amount.absent()) return;
  if (!amount.value.is_string()) {
    NonNegative(amount, errors);
  } else if (Amount(amount.value) < 0) {
    Add(amount,
        {"a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  "
         "or '93%', regex used for validation is '[0-9]+%')"},
        errors);
  }
}

void CheckAtMostAll(const Field& amount, FieldErrors& errors) {
  if (amount.value.is_string() && Amount(amount.value) > 100) {
    Add(amount, {"must not be greater than 100%"}, errors);
  }
}

// The strategy as the API's internal type prints it.
PrintedValue Printed(const Value& strategy) {
  return {absl::StrCat("{\"Type\":", value::FormatJson(strategy["type"]),
                       ",\"RollingUpdate\":", value::FormatJson(strategy["rollingUpdate"]), "}")};
}

void ValidateDeploymentStrategy(const Field& strategy, FieldErrors& errors) {
  const Field rolling = strategy["rollingUpdate"];
  const absl::string_view type = strategy.value["type"].str();
  if (type == "Recreate") {
    if (!rolling.absent()) {
      errors.push_back(
          ForbiddenField(rolling.path, "may not be specified when strategy `type` is 'Recreate'"));
    }
  } else if (type == "RollingUpdate") {
    const Field unavailable = rolling["maxUnavailable"];
    const Field surge = rolling["maxSurge"];
    CheckAmount(unavailable, errors);
    CheckAmount(surge, errors);
    if (Amount(unavailable.value) == 0 && Amount(surge.value) == 0) {
      Add(unavailable, {"may not be 0 when `maxSurge` is 0"}, errors);
    }
    CheckAtMostAll(unavailable, errors);
  } else {
    errors.push_back(
        NotSupported(strategy.path, Printed(strategy.value), {"Recreate", "RollingUpdate"}));
  }
}

void ValidateDaemonSetStrategy(const Field& strategy, FieldErrors& errors) {
  const absl::string_view type = strategy.value["type"].str();
  if (type == "OnDelete") return;
  if (type != "RollingUpdate") {
    errors.push_back(
        NotSupported(strategy.path, Printed(strategy.value), {"RollingUpdate", "OnDelete"}));
    return;
  }
  const Field rolling = strategy["rollingUpdate"];
  const Field unavailable = rolling["maxUnavailable"];
  const Field surge = rolling["maxSurge"];
  for (const Field* amount : {&unavailable, &surge}) {
    CheckAmount(*amount, errors);
    CheckAtMostAll(*amount, errors);
  }
  const bool has_unavailable = Amount(unavailable.value) > 0;
  const bool has_surge = Amount(surge.value) > 0;
  if (has_unavailable && has_surge) {
    Add(surge, {"may not be set when maxUnavailable is non-zero"}, errors);
  } else if (!has_unavailable && !has_surge) {
    errors.push_back(Required(unavailable.path, "cannot be 0 when maxSurge is 0"));
  }
}

void ValidateStatefulSetPolicies(const Field& spec, FieldErrors& errors) {
  const Field management = spec["podManagementPolicy"];
  if (management.str() != "OrderedReady" && management.str() != "Parallel") {
    Add(management, {"must be 'OrderedReady' or 'Parallel'"}, errors);
  }
  const Field strategy = spec["updateStrategy"];
  const absl::string_view type = strategy.value["type"].str();
  const Field rolling = strategy["rollingUpdate"];
  if (type == "OnDelete") {
    if (!rolling.absent()) {
      Add(rolling, {"only allowed for updateStrategy 'RollingUpdate'"}, errors);
    }
  } else if (type == "RollingUpdate") {
    NonNegative(rolling["partition"], errors);
  } else {
    errors.push_back(InvalidValue(strategy.path, Printed(strategy.value),
                                  "must be 'RollingUpdate' or 'OnDelete'"));
  }
  const Field retention = spec["persistentVolumeClaimRetentionPolicy"];
  for (const char* when : {"whenDeleted", "whenScaled"}) {
    MustBeOneOf(retention[when], {"Retain", "Delete"}, errors);
  }
}

}  // namespace

bool SelectorMatches(const Value& selector, const Value& labels) {
  if (selector.is_null()) return false;
  for (const value::Member& wanted : selector["matchLabels"].members()) {
    if (labels[wanted.key] != wanted.value) return false;
  }
  const std::span<const Value> requirements = selector["matchExpressions"].items();
  return std::all_of(requirements.begin(), requirements.end(), [&](const Value& requirement) {
    return RequirementMatches(requirement, labels);
  });
}

void ValidateDeployment(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  NonNegative(spec["replicas"], errors);
  ValidateSelector(spec, "deployment", errors);
  ValidatePodTemplate(spec["template"], {}, errors);
  MustRestartAlways(spec, "ReplicaSet", errors);
  ValidateDeploymentStrategy(spec["strategy"], errors);
  for (const char* name : {"minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"}) {
    NonNegative(spec[name], errors);
  }
  const Field deadline = spec["progressDeadlineSeconds"];
  if (!deadline.absent() && deadline.value.int_or(0) <= spec.value["minReadySeconds"].int_or(0)) {
    Add(deadline, {"must be greater than minReadySeconds"}, errors);
  }
}

void ValidateReplicaSet(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  NonNegative(spec["replicas"], errors);
  NonNegative(spec["minReadySeconds"], errors);
  ValidateSelector(spec, "deployment", errors);
  ValidatePodTemplate(spec["template"], {}, errors);
  MustRestartAlways(spec, "ReplicaSet", errors);
}

void ValidateStatefulSet(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  ValidateStatefulSetPolicies(spec, errors);
  NonNegative(spec["replicas"], errors);
  NonNegative(spec["minReadySeconds"], errors);
  const Field service = spec["serviceName"];
  if (!service.str().empty()) Add(service, CheckDnsLabel(service.str()), errors);
  ValidateSelector(spec, "statefulset", errors);
  std::vector<std::string> claims;
  for (const Value& claim : spec.value["volumeClaimTemplates"].items()) {
    claims.emplace_back(claim["metadata"]["name"].str());
  }
  ValidatePodTemplate(spec["template"], claims, errors);
  MustRestartAlways(spec, "StatefulSet", errors);
}

void ValidateDaemonSet(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  ValidateSelector(spec, "daemonset", errors);
  ValidatePodTemplate(spec["template"], {}, errors);
  MustRestartAlways(spec, "DaemonSet", errors);
  NonNegative(spec["minReadySeconds"], errors);
  ValidateDaemonSetStrategy(spec["updateStrategy"], errors);
  NonNegative(spec["revisionHistoryLimit"], errors);
}

void ValidateAutoscaler(const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  const Field least = spec["minReplicas"];
  const Field most = spec["maxReplicas"];
  if (!least.absent() && least.value.int_or(0) < 1) {
    Add(least, {"must be greater than or equal to 1"}, errors);
  }
  if (most.value.int_or(0) < 1) Add(most, {"must be greater than 0"}, errors);
  if (!least.absent() && most.value.int_or(0) < least.value.int_or(0)) {
    Add(most, {"must be greater than or equal to `minReplicas`"}, errors);
  }
  const Field target = spec["scaleTargetRef"];
  for (const char* name : {"kind", "name"}) {
    const Field field = target[name];
    if (MustBePresent(field, errors)) Add(field, CheckPathSegment(field.str()), errors);
  }
  if (target.value["apiVersion"].str().empty()) {
    const Field version = target["apiVersion"];
    errors.push_back(InvalidValue(version.path, "", "apiVersion must specify API group"));
  }
}

void ValidateSelectorUpdate(const Field& old_object, const Field& object, FieldErrors& errors) {
  const Field spec = object["spec"];
  const Field selector = spec["selector"];
  if (selector.value != old_object.value["spec"]["selector"]) {
    Add(selector, {"field is immutable"}, errors);
  }
}

void ValidateStatefulSetUpdate(const Field& old_object, const Field& object, FieldErrors& errors) {
  Value before = old_object.value["spec"];
  Value after = object.value["spec"];
  for (const char* mutable_field :
       {"replicas", "template", "updateStrategy", "minReadySeconds", "ordinals",
        "revisionHistoryLimit", "persistentVolumeClaimRetentionPolicy"}) {
    before.Erase(mutable_field);
    after.Erase(mutable_field);
  }
  if (before == after) return;
  const FieldPath path = object.path.Child("spec");
  errors.push_back(ForbiddenField(
      path,
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
      "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
      "'minReadySeconds' are forbidden"));
}

}  // namespace sluice::devapi
