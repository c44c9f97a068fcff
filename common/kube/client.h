// Client: everything we ask of a Kubernetes API server.
//
// The virtual part is one call, so that a decorator (intercepting_client.h in tests, impersonation
// below) sees every request; the verbs are plain functions over it. Objects are Values.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/kube/gvk.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::kube {

enum class PatchType { kJson, kMerge, kStrategicMerge, kApply };

// One request, before it is a URL. `ns` and `name` may be empty (lists, creation).
struct ApiRequest {
  std::string method = "GET";
  std::string path;  // without query
  std::vector<std::pair<std::string, std::string>> query;
  std::string content_type;  // of `body`
  Value body;                // null: none
  std::string impersonate_user;
};

struct ListOptions {
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;  // "0" lets the server answer from its cache
  int64_t limit = 0;             // page size; List() follows the pages
};

struct ObjectList {
  std::vector<Value> items;  // apiVersion and kind are filled in
  std::string resource_version;
};

struct WatchOptions {
  std::string label_selector;
  std::string field_selector;
  std::string resource_version;
  absl::Duration timeout = absl::Minutes(5);  // the server ends the watch after it
};

enum class WatchEventType { kAdded, kModified, kDeleted, kBookmark };

struct WatchEvent {
  WatchEventType type;
  Value object;
};

struct WriteOptions {
  std::string field_manager;
  bool force = false;  // apply: take over other managers' fields
  bool dry_run = false;
  std::string subresource;       // "status"
  std::string field_validation;  // "Strict", "Warn" or "Ignore"; "" leaves it to the server
};

enum class Propagation { kBackground, kForeground, kOrphan };

struct DeleteOptions {
  Propagation propagation = Propagation::kBackground;
  std::string uid;  // precondition; "" for none
  bool dry_run = false;
};

// Thread-safe. Errors are those of api_error.h, or the transport's (kUnavailable).
class Client {
 public:
  virtual ~Client() = default;

  // One exchange; the answer's body parsed. A 2xx without body gives null.
  virtual absl::StatusOr<Value> Do(const Context& ctx, const ApiRequest& request) = 0;

  // Runs until the server ends the watch (OK), `on_event` returns an error (that error), the
  // context ends, or the stream breaks. A watch that is too old fails with kOutOfRange.
  virtual absl::Status WatchStream(const Context& ctx, const ApiRequest& request,
                                   const std::function<absl::Status(WatchEvent)>& on_event) = 0;

  absl::StatusOr<Value> Get(const Context& ctx, const Resource& resource, const ObjectKey& key);
  // All pages. `ns` empty: all namespaces.
  absl::StatusOr<ObjectList> List(const Context& ctx, const Resource& resource,
                                  absl::string_view ns, const ListOptions& options = {});
  // The same, page by page; the list's resourceVersion. Ends with the first error of `on_item`.
  absl::StatusOr<std::string> ListEach(const Context& ctx, const Resource& resource,
                                       absl::string_view ns, const ListOptions& options,
                                       const std::function<absl::Status(Value)>& on_item);
  absl::Status Watch(const Context& ctx, const Resource& resource, absl::string_view ns,
                     const WatchOptions& options,
                     const std::function<absl::Status(WatchEvent)>& on_event);
  absl::StatusOr<Value> Create(const Context& ctx, const Resource& resource, const Value& object,
                               const WriteOptions& options = {});
  absl::StatusOr<Value> Update(const Context& ctx, const Resource& resource, const Value& object,
                               const WriteOptions& options = {});
  absl::StatusOr<Value> Patch(const Context& ctx, const Resource& resource, const ObjectKey& key,
                              PatchType type, const Value& patch, const WriteOptions& options = {});
  // Server-side apply of `object`.
  absl::StatusOr<Value> Apply(const Context& ctx, const Resource& resource, const Value& object,
                              const WriteOptions& options);
  absl::Status Delete(const Context& ctx, const Resource& resource, const ObjectKey& key,
                      const DeleteOptions& options = {});
};

// `client` acting as `user` ("system:serviceaccount:ns:name"). `client` must outlive the result.
std::unique_ptr<Client> Impersonate(Client& client, std::string user);

}  // namespace sluice::kube
