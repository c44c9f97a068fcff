// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/service_addresses.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace sluice::devapi {
namespace {

constexpr uint32_t kAddresses = 1 << 16;
constexpr int64_t kFirstPort = 30000;
constexpr int64_t kLastPort = 32767;

std::string AddressOf(uint32_t number) {
  return absl::StrCat("10.0.", number >> 8, ".", number & 255);
}

bool InRange(absl::string_view ip) {
  const std::vector<absl::string_view> parts = absl::StrSplit(ip, '.');
  int last = 0;
  return parts.size() == 4 && parts[0] == "10" && parts[1] == "0" &&
         absl::SimpleAtoi(parts[2], &last) && last < 256 && absl::SimpleAtoi(parts[3], &last) &&
         last < 256;
}

bool WantsIp(const Value& spec) {
  return spec["type"].str() != "ExternalName" && spec["clusterIP"].str() != "None";
}

bool WantsPorts(const Value& spec) {
  const absl::string_view type = spec["type"].str();
  return type == "NodePort" ||
         (type == "LoadBalancer" && spec["allocateLoadBalancerNodePorts"].bool_or(true));
}

std::set<int64_t> PortsOf(const Value& spec) {
  std::set<int64_t> ports;
  for (const Value& port : spec["ports"].items()) {
    if (port["nodePort"].int_or(0) > 0) ports.insert(port["nodePort"].int_or(0));
  }
  if (spec["healthCheckNodePort"].int_or(0) > 0) {
    ports.insert(spec["healthCheckNodePort"].int_or(0));
  }
  return ports;
}

}  // namespace

FieldErrors ServiceAddresses::AssignIp(const Value& old, Value& spec) {
  if (!WantsIp(spec)) return {};
  std::string ip(spec["clusterIP"].str());
  if (ip.empty() && !spec["clusterIPs"].empty()) ip = std::string(spec["clusterIPs"].at(0).str());
  if (ip.empty()) {
    while (ips_.contains(AddressOf(next_ip_ % kAddresses))) ++next_ip_;
    ip = AddressOf(next_ip_++ % kAddresses);
  } else if (ip != old["clusterIP"].str()) {
    const Value list = Value(Value::Array{ip});
    const FieldPath root;
    const FieldPath spec_path = root.Child("spec");
    const FieldPath path = spec_path.Child("clusterIPs");
    if (!InRange(ip)) {
      return {
          InvalidValue(path, list,
                       absl::StrCat("failed to allocate IP ", ip,
                                    ": the provided network does not match the current range"))};
    }
    if (ips_.contains(ip)) {
      return {InvalidValue(
          path, list,
          absl::StrCat("failed to allocate IP ", ip, ": provided IP is already allocated"))};
    }
  }
  ips_.insert(ip);
  spec.Set("clusterIP", ip);
  if (spec["clusterIPs"].empty()) spec.Set("clusterIPs", Value(Value::Array{ip}));
  return {};
}

FieldErrors ServiceAddresses::AssignPorts(const Value& old, Value& spec) {
  Value* list = spec.FindMutable("ports");
  if (list == nullptr || !list->is_array()) return {};
  const std::set<int64_t> before = PortsOf(old);
  const bool wants = WantsPorts(spec);
  std::set<int64_t> mine;
  for (size_t i = 0; i < list->size(); ++i) {
    Value& port = list->mutable_items()[i];
    int64_t number = port["nodePort"].int_or(0);
    if (!wants && number == 0) continue;
    if (number == 0 && i < old["ports"].size()) {
      // The same port keeps its number.
      const Value& same = old["ports"].at(i);
      if (same["port"] == port["port"] && WantsPorts(old)) number = same["nodePort"].int_or(0);
    }
    if (number == 0) {
      while (ports_.contains(next_port_) || mine.contains(next_port_)) {
        next_port_ = next_port_ == kLastPort ? kFirstPort : next_port_ + 1;
      }
      number = next_port_;
    } else if (!before.contains(number) && !mine.contains(number)) {
      const FieldPath root;
      const FieldPath spec_path = root.Child("spec");
      const FieldPath ports_path = spec_path.Child("ports");
      const FieldPath port_path = ports_path.Index(i);
      const FieldPath path = port_path.Child("nodePort");
      if (number < kFirstPort || number > kLastPort) {
        return {InvalidValue(path, number,
                             "provided port is not in the valid range. The range of valid ports is "
                             "30000-32767")};
      }
      if (ports_.contains(number)) {
        return {InvalidValue(path, number, "provided port is already allocated")};
      }
    }
    mine.insert(number);
    port.Set("nodePort", number);
  }
  ports_.insert(mine.begin(), mine.end());
  return {};
}

FieldErrors ServiceAddresses::Assign(Value& service) { return Reassign(nullptr, service); }

FieldErrors ServiceAddresses::Reassign(const Value& old, Value& service) {
  absl::MutexLock lock(&mutex_);
  const Value& old_spec = old["spec"];
  Value& spec = service.Ensure("spec");
  // Ports first: they fail before anything is kept, or are all kept.
  FieldErrors errors = AssignPorts(old_spec, spec);
  if (!errors.empty()) return errors;
  errors = AssignIp(old_spec, spec);
  if (errors.empty()) return errors;
  const std::set<int64_t> keep = PortsOf(old_spec);
  for (const int64_t port : PortsOf(spec)) {
    if (!keep.contains(port)) ports_.erase(port);
  }
  return errors;
}

void ServiceAddresses::Release(const Value& service, const Value& kept) {
  absl::MutexLock lock(&mutex_);
  const absl::string_view ip = service["spec"]["clusterIP"].str();
  if (ip != kept["spec"]["clusterIP"].str()) ips_.erase(std::string(ip));
  const std::set<int64_t> keep = PortsOf(kept["spec"]);
  for (const int64_t port : PortsOf(service["spec"])) {
    if (!keep.contains(port)) ports_.erase(port);
  }
}

}  // namespace sluice::devapi
