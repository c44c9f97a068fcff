// Cells of services, ingresses and their like.

// SPDX-License-Identifier: Apache-2.0
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/devapi/tables/format.h"
#include "common/devapi/tables/printers.h"

namespace sluice::devapi {
namespace {

using Cells = Value::Array;

const Value& Name(const Value& object) { return object["metadata"]["name"]; }

std::vector<std::string> Strings(const Value& list) {
  std::vector<std::string> result;
  for (const Value& item : list.items()) result.emplace_back(item.str());
  return result;
}

std::string Addresses(const Value& load_balancer) {
  std::set<std::string> all;
  for (const Value& ingress : load_balancer["ingress"].items()) {
    const absl::string_view ip = ingress["ip"].str();
    all.emplace(ip.empty() ? ingress["hostname"].str() : ip);
  }
  return absl::StrJoin(all, ",");
}

std::string ExternalIp(const Value& service) {
  const Value& spec = service["spec"];
  const absl::string_view type = spec["type"].str();
  if (type == "ExternalName") return std::string(spec["externalName"].str());
  std::vector<std::string> all = Strings(spec["externalIPs"]);
  if (type == "LoadBalancer") {
    const std::string assigned = Addresses(service["status"]["loadBalancer"]);
    if (assigned.empty() && all.empty()) return "<pending>";
    if (!assigned.empty()) all.insert(all.begin(), assigned);
  }
  return all.empty() ? "<none>" : absl::StrJoin(all, ",");
}

std::string ServicePorts(const Value& service) {
  std::vector<std::string> parts;
  for (const Value& port : service["spec"]["ports"].items()) {
    std::string text = absl::StrCat(port["port"].int_or(0));
    if (port["nodePort"].int_or(0) > 0) absl::StrAppend(&text, ":", port["nodePort"].int_or(0));
    parts.push_back(absl::StrCat(text, "/", port["protocol"].string_or("TCP")));
  }
  return parts.empty() ? "<none>" : absl::StrJoin(parts, ",");
}

void PrintService(const Value& service, absl::Time now, Cells& cells) {
  const Value& spec = service["spec"];
  const absl::string_view ip =
      spec["clusterIPs"].empty() ? spec["clusterIP"].str() : spec["clusterIPs"].at(0).str();
  cells.insert(cells.end(),
               {Name(service), spec["type"].str(), ip.empty() ? absl::string_view("<none>") : ip,
                ExternalIp(service), ServicePorts(service), ObjectAge(service, now),
                FormatLabels(spec["selector"])});
}

std::string Hosts(const Value& ingress) {
  constexpr size_t kShown = 3;
  std::vector<std::string> hosts;
  bool more = false;
  for (const Value& rule : ingress["spec"]["rules"].items()) {
    if (hosts.size() == kShown) more = true;
    if (!rule["host"].str().empty()) hosts.emplace_back(rule["host"].str());
  }
  if (hosts.empty()) return "*";
  const size_t total = hosts.size();
  hosts.resize(std::min(total, kShown));
  std::string text = absl::StrJoin(hosts, ",");
  if (more && total > kShown) absl::StrAppend(&text, " + ", total - kShown, " more...");
  return text;
}

void PrintIngress(const Value& ingress, absl::Time now, Cells& cells) {
  const Value& spec = ingress["spec"];
  cells.insert(cells.end(), {Name(ingress), spec["ingressClassName"].string_or("<none>"),
                             Hosts(ingress), Addresses(ingress["status"]["loadBalancer"]),
                             spec["tls"].empty() ? "80" : "80, 443", ObjectAge(ingress, now)});
}

void PrintIngressClass(const Value& object, absl::Time now, Cells& cells) {
  const Value& parameters = object["spec"]["parameters"];
  std::string text = "<none>";
  if (parameters.is_object()) {
    text = std::string(parameters["kind"].str());
    if (!parameters["apiGroup"].str().empty()) {
      absl::StrAppend(&text, ".", parameters["apiGroup"].str());
    }
    absl::StrAppend(&text, "/", parameters["name"].str());
  }
  cells.insert(cells.end(),
               {Name(object), object["spec"]["controller"].str(), text, ObjectAge(object, now)});
}

void PrintNetworkPolicy(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(), {Name(object), FormatSelector(object["spec"]["podSelector"]),
                             ObjectAge(object, now)});
}

// Up to three of a list, and how many more there are.
std::string Shortened(const std::vector<std::string>& all, absl::string_view none) {
  constexpr size_t kShown = 3;
  if (all.empty()) return std::string(none);
  if (all.size() <= kShown) return absl::StrJoin(all, ",");
  return absl::StrCat(absl::StrJoin(all.begin(), all.begin() + kShown, ","), " + ",
                      all.size() - kShown, " more...");
}

void PrintEndpointSlice(const Value& object, absl::Time now, Cells& cells) {
  std::vector<std::string> ports;
  for (const Value& port : object["ports"].items()) {
    if (port["port"].is_integer()) ports.push_back(absl::StrCat(port["port"].int_or(0)));
  }
  std::vector<std::string> addresses;
  for (const Value& endpoint : object["endpoints"].items()) {
    for (std::string& address : Strings(endpoint["addresses"])) {
      addresses.push_back(std::move(address));
    }
  }
  cells.insert(cells.end(), {Name(object), object["addressType"].str(), Shortened(ports, "<unset>"),
                             Shortened(addresses, "<unset>"), ObjectAge(object, now)});
}

void PrintServiceCidr(const Value& object, absl::Time now, Cells& cells) {
  cells.insert(cells.end(), {Name(object), absl::StrJoin(Strings(object["spec"]["cidrs"]), ","),
                             ObjectAge(object, now)});
}

void PrintIpAddress(const Value& object, absl::Time, Cells& cells) {
  const Value& parent = object["spec"]["parentRef"];
  const std::string subject(parent["resource"].str());
  std::string text = subject;
  if (!parent["group"].str().empty()) absl::StrAppend(&text, ".", parent["group"].str());
  absl::StrAppend(&text, "/");
  if (!parent["namespace"].str().empty()) absl::StrAppend(&text, parent["namespace"].str(), "/");
  absl::StrAppend(&text, parent["name"].str());
  cells.insert(cells.end(), {Name(object), text});
}

constexpr NamedPrinter kPrinters[] = {
    {"services", PrintService},
    {"ingresses.networking.k8s.io", PrintIngress},
    {"ingressclasses.networking.k8s.io", PrintIngressClass},
    {"networkpolicies.networking.k8s.io", PrintNetworkPolicy},
    {"endpointslices.discovery.k8s.io", PrintEndpointSlice},
    {"servicecidrs.networking.k8s.io", PrintServiceCidr},
    {"ipaddresses.networking.k8s.io", PrintIpAddress},
};

}  // namespace

std::span<const NamedPrinter> NetworkPrinters() { return kPrinters; }

}  // namespace sluice::devapi
