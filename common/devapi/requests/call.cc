// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/requests/call.h"

namespace sluice::devapi {

Call InternalCall(Cluster& cluster, ResourceRef resource, const ObjectKey& key,
                  absl::string_view controller) {
  Call call;
  call.info.is_resource = true;
  call.info.group = resource->group;
  call.info.version = resource->version;
  call.info.resource = resource->plural;
  call.info.ns = key.ns;
  call.info.name = key.name;
  call.resource = std::move(resource);
  call.table = cluster.registry().Snapshot();
  call.user = ControllerUser(controller);
  call.user_agent = std::string(controller);
  return call;
}

std::string ManagerName(const Call& call, const WriteOptions& options) {
  if (!options.field_manager.empty()) return options.field_manager;
  const std::string name = call.user_agent.substr(0, call.user_agent.find('/'));
  return name.empty() ? "unknown" : name.substr(0, 128);
}

}  // namespace sluice::devapi
