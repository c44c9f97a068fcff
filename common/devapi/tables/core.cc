// Cells of the core kinds other than pods and volumes.

// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/devapi/tables/format.h"
#include "common/devapi/tables/printers.h"

namespace sluice::devapi {
namespace {

using Cells = Value::Array;

const Value& Name(const Value& object) { return object["metadata"]["name"]; }
Value Count(size_t n) { return Value(static_cast<int64_t>(n)); }

void PrintConfigMap(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(),
               {Name(object), Count(object["data"].size() + object["binaryData"].size()),
                ObjectAge(object, now)});
}

void PrintSecret(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(), {Name(object), object["type"].str(), Count(object["data"].size()),
                             ObjectAge(object, now)});
}

void PrintServiceAccount(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(),
               {Name(object), Count(object["secrets"].size()), ObjectAge(object, now)});
}

void PrintNamespace(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(),
               {Name(object), object["status"]["phase"].str(), ObjectAge(object, now)});
}

// Up to three "ip:port", and how many more there are.
std::string EndpointAddresses(const Value& object) {
  constexpr size_t kShown = 3;
  std::vector<std::string> all;
  for (const Value& subset : object["subsets"].items()) {
    for (const Value& address : subset["addresses"].items()) {
      const absl::string_view ip = address["ip"].str();
      if (subset["ports"].empty()) all.emplace_back(ip);
      for (const Value& port : subset["ports"].items()) {
        all.push_back(absl::StrCat(ip, ":", port["port"].int_or(0)));
      }
    }
  }
  if (all.empty()) return "<none>";
  const size_t shown = std::min(kShown, all.size());
  std::string text =
      absl::StrJoin(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(shown), ",");
  if (all.size() > kShown) absl::StrAppend(&text, " + ", all.size() - kShown, " more...");
  return text;
}

void PrintEndpoints(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(), {Name(object), EndpointAddresses(object), ObjectAge(object, now)});
}

std::string EventSource(const Value& event) {
  std::string component(event["source"]["component"].str());
  std::string host(event["source"]["host"].str());
  if (component.empty()) component = std::string(event["reportingComponent"].str());
  if (host.empty()) host = std::string(event["reportingInstance"].str());
  if (host.empty()) return component;
  return absl::StrCat(component, ", ", host);
}

void PrintEvent(const Value& event, absl::Time now, Cells& cells) {
  const Value& first_at =
      event["firstTimestamp"].str().empty() ? event["eventTime"] : event["firstTimestamp"];
  const std::string first = Age(first_at, now);
  std::string last =
      event["lastTimestamp"].str().empty() ? first : Age(event["lastTimestamp"], now);
  int64_t count = event["count"].int_or(0);
  if (event["series"].is_object()) {
    last = Age(event["series"]["lastObservedTime"], now);
    count = event["series"]["count"].int_or(0);
  } else if (count == 0) {
    count = 1;
  }
  const Value& about = event["involvedObject"];
  std::string target = absl::AsciiStrToLower(about["kind"].str());
  if (!about["name"].str().empty()) absl::StrAppend(&target, "/", about["name"].str());
  const absl::string_view message = absl::StripAsciiWhitespace(event["message"].str());
  cells.insert(cells.end(),
               {last, event["type"].str(), event["reason"].str(), target, about["fieldPath"].str(),
                EventSource(event), message, first, count, Name(event)});
}

std::string NodeStatus(const Value& node) {
  std::string text = "Unknown";
  for (const Value& condition : node["status"]["conditions"].items()) {
    if (condition["type"].str() != "Ready") continue;
    text = condition["status"].str() == "True" ? "Ready" : "NotReady";
  }
  if (node["spec"]["unschedulable"].bool_or(false)) text += ",SchedulingDisabled";
  return text;
}

std::string NodeRoles(const Value& node) {
  constexpr absl::string_view kPrefix = "node-role.kubernetes.io/";
  std::set<std::string> roles;
  for (const value::Member& label : node["metadata"]["labels"].members()) {
    if (absl::StartsWith(label.key, kPrefix) && label.key.size() > kPrefix.size()) {
      roles.insert(label.key.substr(kPrefix.size()));
    } else if (label.key == "kubernetes.io/role" && !label.value.str().empty()) {
      roles.emplace(label.value.str());
    }
  }
  return roles.empty() ? "<none>" : absl::StrJoin(roles, ",");
}

std::string NodeAddress(const Value& node, absl::string_view type) {
  for (const Value& address : node["status"]["addresses"].items()) {
    if (address["type"].str() == type) return std::string(address["address"].str());
  }
  return "<none>";
}

void PrintNode(const Value& node, absl::Time now, Cells& cells) {
  const Value& info = node["status"]["nodeInfo"];
  const auto or_unknown = [](absl::string_view text) {
    return text.empty() ? "<unknown>" : std::string(text);
  };
  cells.insert(cells.end(), {Name(node), NodeStatus(node), NodeRoles(node), ObjectAge(node, now),
                             info["kubeletVersion"].str(), NodeAddress(node, "InternalIP"),
                             NodeAddress(node, "ExternalIP"), or_unknown(info["osImage"].str()),
                             or_unknown(info["kernelVersion"].str()),
                             or_unknown(info["containerRuntimeVersion"].str())});
}

void PrintResourceQuota(const Value& quota, absl::Time now, Cells& cells) {
  std::vector<std::string> requests;
  std::vector<std::string> limits;
  for (const value::Member& hard : quota["status"]["hard"].members()) {
    const absl::string_view used = quota["status"]["used"][hard.key].string_or("0");
    auto& list = absl::StartsWith(hard.key, "limits") ? limits : requests;
    list.push_back(absl::StrCat(hard.key, ": ", used, "/", hard.value.str()));
  }
  cells.insert(cells.end(), {Name(quota), absl::StrJoin(requests, ", "),
                             absl::StrJoin(limits, ", "), ObjectAge(quota, now)});
}

void PrintComponentStatus(const Value& object, absl::Time, Cells& cells) {
  Value status = "Unknown";
  Value message = "";
  Value error = "";
  for (const Value& condition : object["conditions"].items()) {
    if (condition["type"].str() != "Healthy") continue;
    status = condition["status"].str() == "True" ? "Healthy" : "Unhealthy";
    message = condition["message"].str();
    error = condition["error"].str();
  }
  cells.insert(cells.end(), {Name(object), status, message, error});
}

void PrintPodTemplate(const Value& object, absl::Time, Cells& cells) {
  const Value& spec = object["template"]["spec"];
  cells.insert(cells.end(), {Name(object), ContainerNames(spec), ContainerImages(spec),
                             FormatLabels(object["template"]["metadata"]["labels"])});
}

void PrintApiService(const Value& object, absl::Time now, Cells& cells) {
  const Value& service = object["spec"]["service"];
  std::string where = "Local";
  if (service.is_object()) {
    where = absl::StrCat(service["namespace"].str(), "/", service["name"].str());
  }
  std::string available = "Unknown";
  for (const Value& condition : object["status"]["conditions"].items()) {
    if (condition["type"].str() != "Available") continue;
    available = std::string(condition["status"].str());
    if (available != "True") absl::StrAppend(&available, " (", condition["reason"].str(), ")");
  }
  cells.insert(cells.end(), {Name(object), where, available, ObjectAge(object, now)});
}

void PrintLease(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(),
               {Name(object), object["spec"]["holderIdentity"].str(), ObjectAge(object, now)});
}

constexpr NamedPrinter kPrinters[] = {
    {"configmaps", PrintConfigMap},
    {"secrets", PrintSecret},
    {"serviceaccounts", PrintServiceAccount},
    {"namespaces", PrintNamespace},
    {"endpoints", PrintEndpoints},
    {"events", PrintEvent},
    {"events.events.k8s.io", PrintEvent},
    {"nodes", PrintNode},
    {"resourcequotas", PrintResourceQuota},
    {"componentstatuses", PrintComponentStatus},
    {"podtemplates", PrintPodTemplate},
    {"apiservices.apiregistration.k8s.io", PrintApiService},
    {"leases.coordination.k8s.io", PrintLease},
};

}  // namespace

std::span<const NamedPrinter> CorePrinters() { return kPrinters; }

}  // namespace sluice::devapi
