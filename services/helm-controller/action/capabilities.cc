// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/capabilities.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"

namespace sluice::helm_controller {
namespace {

absl::StatusOr<Value> Read(const Context& ctx, kube::Client& client, std::string path) {
  kube::ApiRequest request;
  request.path = std::move(path);
  return client.Do(ctx, request);
}

// Subresources count with their own group and version, as in Helm.
void AddKinds(const std::string& version, const Value& resources, std::set<std::string>& versions) {
  for (const Value& resource : resources["resources"].items()) {
    std::string of = version;
    if (!resource["version"].str().empty()) {
      const absl::string_view group = resource["group"].str();
      of = absl::StrCat(group, group.empty() ? "" : "/", resource["version"].str());
    }
    versions.insert(absl::StrCat(of, "/", resource["kind"].str()));
  }
}

absl::StatusOr<helm::Capabilities> Discover(const Context& ctx, kube::Client& client) {
  helm::Capabilities result;
  ASSIGN_OR_RETURN(const Value version, Read(ctx, client, "/version"));
  result.kube_version = {.version = std::string(version["gitVersion"].str()),
                         .normalized = "",
                         .major = std::string(version["major"].str()),
                         .minor = std::string(version["minor"].str())};
  std::set<std::string> versions = {"v1"};
  ASSIGN_OR_RETURN(const Value core, Read(ctx, client, "/api/v1"));
  AddKinds("v1", core, versions);
  ASSIGN_OR_RETURN(const Value groups, Read(ctx, client, "/apis"));
  for (const Value& group : groups["groups"].items()) {
    for (const Value& served : group["versions"].items()) {
      const std::string group_version(served["groupVersion"].str());
      versions.insert(group_version);
      const auto resources = Read(ctx, client, absl::StrCat("/apis/", group_version));
      if (resources.ok()) AddKinds(group_version, *resources, versions);
    }
  }
  result.api_versions.assign(versions.begin(), versions.end());
  return result;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const helm::Capabilities>> CapabilitiesCache::Get(
    const Context& ctx, const std::string& cluster, kube::Client& client) {
  {
    absl::MutexLock lock(&mutex_);
    absl::erase_if(known_, [now = clock_.Now()](const auto& entry) {
      return now - entry.second.when >= kLifetime;
    });
    const auto it = known_.find(cluster);
    if (it != known_.end()) return it->second.capabilities;
  }
  auto found = Discover(ctx, client);
  if (!found.ok()) {
    return Annotate(found.status(), "could not get apiVersions from Kubernetes");
  }
  auto capabilities = std::make_shared<const helm::Capabilities>(*std::move(found));
  absl::MutexLock lock(&mutex_);
  known_.insert_or_assign(cluster, Known{capabilities, clock_.Now()});
  return capabilities;
}

void CapabilitiesCache::Invalidate(const std::string& cluster) {
  absl::MutexLock lock(&mutex_);
  known_.erase(cluster);
}

}  // namespace sluice::helm_controller
