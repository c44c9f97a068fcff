// Call: one request for a resource, resolved against what the server serves. The verbs work on it,
// for clients and for the server's own controllers alike.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/devapi/access/identity.h"
#include "common/devapi/cluster.h"
#include "common/devapi/kinds/registry.h"
#include "common/devapi/kinds/resource.h"
#include "common/devapi/requests/request_info.h"
#include "common/devapi/requests/request_options.h"
#include "common/devapi/storage/object.h"

namespace sluice::devapi {

struct Call {
  RequestInfo info;
  Query query;
  ResourceRef resource;
  std::shared_ptr<const ResourceTable> table;
  UserInfo user;
  std::string user_agent;
  std::string content_type;  // without parameters
  std::string body;
  // Texts for Warning headers, in the order found.
  std::vector<std::string> warnings;

  ObjectKey key() const { return {resource->namespaced ? info.ns : std::string(), info.name}; }
  GroupResource group_resource() const { return resource->group_resource(); }
};

// A page of objects and what its metadata says.
struct ListResult {
  std::vector<ObjectRef> objects;
  uint64_t version = 0;
  std::string continue_token;
  int64_t remaining = -1;  // -1: not told
};

// A watch that is ready to stream.
struct WatchResult {
  ListOptions options;
  std::vector<ObjectRef> initial;  // to be announced as ADDED first
  bool announce_end = false;       // a bookmark ends the initial events (sendInitialEvents)
  uint64_t version = 0;            // of `initial`
  // null: `failure` goes out as an ERROR event and the stream ends.
  std::shared_ptr<Store::Watch> watch;
  absl::Status failure;
};

// What a verb answers: an object of the resource, a value of another kind (a Status, a Scale, a
// review), a list, or a watch.
struct Reply {
  int code = 200;
  std::variant<ObjectRef, Value, ListResult, WatchResult> content;
};

// A call of the server itself for `resource`, as `controller`.
Call InternalCall(Cluster& cluster, ResourceRef resource, const ObjectKey& key,
                  absl::string_view controller);

// The name that a write is recorded under: the fieldManager parameter, else the user agent up to
// its first "/".
std::string ManagerName(const Call& call, const WriteOptions& options);

}  // namespace sluice::devapi
