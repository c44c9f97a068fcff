// Cells of access rules, admission and scheduling policies.

// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/human_duration.h"
#include "common/devapi/tables/format.h"
#include "common/devapi/tables/printers.h"

namespace sluice::devapi {
namespace {

using Cells = Value::Array;

const Value& Name(const Value& object) { return object["metadata"]["name"]; }

std::string Subjects(const Value& binding, absl::string_view kind) {
  std::vector<std::string> names;
  for (const Value& subject : binding["subjects"].items()) {
    if (subject["kind"].str() != kind) continue;
    const absl::string_view name = subject["name"].str();
    names.push_back(kind == "ServiceAccount" ? absl::StrCat(subject["namespace"].str(), "/", name)
                                             : std::string(name));
  }
  return absl::StrJoin(names, ", ");
}

void PrintBinding(const Value& object, absl::Time now, Cells& cells) {
  const Value& role = object["roleRef"];
  cells.insert(cells.end(),
               {Name(object), absl::StrCat(role["kind"].str(), "/", role["name"].str()),
                ObjectAge(object, now), Subjects(object, "User"), Subjects(object, "Group"),
                Subjects(object, "ServiceAccount")});
}

std::string IntOrString(const Value& value) {
  if (value.is_integer()) return absl::StrCat(value.int_or(0));
  return value.is_string() ? std::string(value.str()) : "N/A";
}

void PrintDisruptionBudget(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(),
               {Name(object), IntOrString(object["spec"]["minAvailable"]),
                IntOrString(object["spec"]["maxUnavailable"]),
                object["status"]["disruptionsAllowed"].int_or(0), ObjectAge(object, now)});
}

void PrintPriorityClass(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(), {Name(object), object["value"].int_or(0),
                             object["globalDefault"].bool_or(false), ObjectAge(object, now),
                             object["preemptionPolicy"].string_or("PreemptLowerPriority")});
}

void PrintWebhooks(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(), {Name(object), static_cast<int64_t>(object["webhooks"].size()),
                             ObjectAge(object, now)});
}

void PrintAdmissionPolicy(const Value& object, absl::Time now, Cells& cells) {
  const Value& parameters = object["spec"]["paramKind"];
  std::string kind = "<unset>";
  if (parameters.is_object()) {
    kind = absl::StrCat(parameters["apiVersion"].str(), "/", parameters["kind"].str());
  }
  cells.insert(cells.end(),
               {Name(object), static_cast<int64_t>(object["spec"]["validations"].size()), kind,
                ObjectAge(object, now)});
}

void PrintAdmissionBinding(const Value& object, absl::Time now, Cells& cells) {
  const Value& parameters = object["spec"]["paramRef"];
  std::string text = "<unset>";
  if (parameters.is_object()) {
    const absl::string_view ns = parameters["namespace"].str();
    text = absl::StrCat(ns.empty() ? "*" : ns, "/", parameters["name"].str());
  }
  cells.insert(cells.end(),
               {Name(object), object["spec"]["policyName"].str(), text, ObjectAge(object, now)});
}

void PrintSigningRequest(const Value& object, absl::Time now, Cells& cells) {
  std::vector<std::string> conditions;
  for (const Value& condition : object["status"]["conditions"].items()) {
    conditions.emplace_back(condition["type"].str());
  }
  if (conditions.empty()) conditions.emplace_back("Pending");
  if (!object["status"]["certificate"].str().empty()) conditions.emplace_back("Issued");
  const Value& seconds = object["spec"]["expirationSeconds"];
  const std::string duration =
      seconds.is_integer() ? HumanDuration(absl::Seconds(seconds.int_or(0))) : "<none>";
  cells.insert(cells.end(),
               {Name(object), ObjectAge(object, now), object["spec"]["signerName"].str(),
                object["spec"]["username"].str(), duration, absl::StrJoin(conditions, ",")});
}

void PrintRuntimeClass(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(), {Name(object), object["handler"].str(), ObjectAge(object, now)});
}

void PrintFlowSchema(const Value& object, absl::Time now, Cells& cells) {
  const Value& spec = object["spec"];
  std::string missing = "?";
  for (const Value& condition : object["status"]["conditions"].items()) {
    if (condition["type"].str() == "Dangling") missing = std::string(condition["status"].str());
  }
  cells.insert(cells.end(), {Name(object), spec["priorityLevelConfiguration"]["name"].str(),
                             spec["matchingPrecedence"].int_or(0),
                             spec["distinguisherMethod"]["type"].string_or("<none>"),
                             ObjectAge(object, now), missing});
}

constexpr NamedPrinter kPrinters[] = {
    {"rolebindings.rbac.authorization.k8s.io", PrintBinding},
    {"clusterrolebindings.rbac.authorization.k8s.io", PrintBinding},
    {"poddisruptionbudgets.policy", PrintDisruptionBudget},
    {"priorityclasses.scheduling.k8s.io", PrintPriorityClass},
    {"mutatingwebhookconfigurations.admissionregistration.k8s.io", PrintWebhooks},
    {"validatingwebhookconfigurations.admissionregistration.k8s.io", PrintWebhooks},
    {"validatingadmissionpolicies.admissionregistration.k8s.io", PrintAdmissionPolicy},
    {"validatingadmissionpolicybindings.admissionregistration.k8s.io", PrintAdmissionBinding},
    {"certificatesigningrequests.certificates.k8s.io", PrintSigningRequest},
    {"runtimeclasses.node.k8s.io", PrintRuntimeClass},
    {"flowschemas.flowcontrol.apiserver.k8s.io", PrintFlowSchema},
};

}  // namespace

std::span<const NamedPrinter> PolicyPrinters() { return kPrinters; }

}  // namespace sluice::devapi
