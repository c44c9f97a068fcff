// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/builtin_validation/scheduling.h"

#include "common/devapi/schema/formats.h"

namespace sluice::devapi {
namespace {

void ValidateToleration(const Field& toleration, FieldErrors& errors) {
  const Field key = toleration["key"];
  const Field operation = toleration["operator"];
  const Field value = toleration["value"];
  const Field effect = toleration["effect"];
  if (!key.str().empty()) Add(key, CheckQualifiedName(key.str()), errors);
  if (key.str().empty() && operation.str() != "Exists") {
    Add(operation,
        {"operator must be Exists when `key` is empty, which means \"match all values and all "
         "keys\""},
        errors);
  }
  if (!toleration.value["tolerationSeconds"].is_null() && effect.str() != "NoExecute") {
    Add(effect, {"effect must be 'NoExecute' when `tolerationSeconds` is set"}, errors);
  }
  if (operation.str().empty() || operation.str() == "Equal") {
    for (const std::string& message : CheckLabelValue(value.str())) {
      errors.push_back(InvalidValue(operation.path, value.value, message));
    }
  } else if (operation.str() == "Exists") {
    if (!value.str().empty()) {
      errors.push_back(InvalidValue(operation.path, value.value,
                                    "value must be empty when `operator` is 'Exists'"));
    }
  } else {
    errors.push_back(NotSupported(operation.path, operation.value, {"Equal", "Exists"}));
  }
  if (!effect.str().empty()) {
    MustBeOneOf(effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"}, errors);
  }
}

void ValidateSpread(const Field& constraint, FieldErrors& errors) {
  const Field skew = constraint["maxSkew"];
  if (skew.value.int_or(0) <= 0) Add(skew, {"must be greater than zero"}, errors);
  const Field key = constraint["topologyKey"];
  if (key.str().empty()) errors.push_back(Required(key.path, "can not be empty"));
  MustBeOneOf(constraint["whenUnsatisfiable"], {"DoNotSchedule", "ScheduleAnyway"}, errors);
}

}  // namespace

void MustBeAddress(const Field& address, FieldErrors& errors) {
  if (MatchesFormat("ipv4", address.str()) || MatchesFormat("ipv6", address.str())) return;
  Add(address, {"must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"}, errors);
}

void ValidateScheduling(const Field& spec, FieldErrors& errors) {
  const Field affinity = spec["affinity"];
  const Field node = affinity["nodeAffinity"];
  const Field needed = node["requiredDuringSchedulingIgnoredDuringExecution"];
  const Field terms = needed["nodeSelectorTerms"];
  if (!needed.absent() && terms.value.empty()) {
    errors.push_back(Required(terms.path, "must have at least one node selector term"));
  }
  const Field tolerations = spec["tolerations"];
  for (size_t i = 0; i < tolerations.value.size(); ++i) {
    ValidateToleration(tolerations.At(i), errors);
  }
  const Field constraints = spec["topologySpreadConstraints"];
  for (size_t i = 0; i < constraints.value.size(); ++i) {
    ValidateSpread(constraints.At(i), errors);
  }
  const Field gates = spec["readinessGates"];
  for (size_t i = 0; i < gates.value.size(); ++i) {
    const Field gate = gates.At(i);
    const Field type = gate["conditionType"];
    Add(type, CheckQualifiedName(type.str()), errors);
  }
}

void ValidatePodNetwork(const Field& spec, FieldErrors& errors) {
  for (const char* name : {"hostname", "subdomain"}) {
    const Field field = spec[name];
    if (!field.str().empty()) Add(field, CheckDnsLabel(field.str()), errors);
  }
  const Field aliases = spec["hostAliases"];
  for (size_t i = 0; i < aliases.value.size(); ++i) {
    const Field alias = aliases.At(i);
    MustBeAddress(alias["ip"], errors);
    const Field names = alias["hostnames"];
    for (size_t j = 0; j < names.value.size(); ++j) {
      const Field name = names.At(j);
      Add(name, CheckDnsSubdomain(name.str()), errors);
    }
  }
  const Field config = spec["dnsConfig"];
  const Field servers = config["nameservers"];
  for (size_t i = 0; i < servers.value.size(); ++i) MustBeAddress(servers.At(i), errors);
}

}  // namespace sluice::devapi
