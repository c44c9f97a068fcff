// SPDX-License-Identifier: Apache-2.0
#include "common/kube/client.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::kube {
namespace {

absl::string_view ContentType(PatchType type) {
  switch (type) {
    case PatchType::kJson:
      return "application/json-patch+json";
    case PatchType::kMerge:
      return "application/merge-patch+json";
    case PatchType::kStrategicMerge:
      return "application/strategic-merge-patch+json";
    case PatchType::kApply:
      return "application/apply-patch+yaml";  // JSON is YAML
  }
  return "";
}

absl::string_view PropagationName(Propagation propagation) {
  switch (propagation) {
    case Propagation::kBackground:
      return "Background";
    case Propagation::kForeground:
      return "Foreground";
    case Propagation::kOrphan:
      return "Orphan";
  }
  return "";
}

void AddSelectors(absl::string_view labels, absl::string_view fields, ApiRequest& request) {
  if (!labels.empty()) request.query.emplace_back("labelSelector", labels);
  if (!fields.empty()) request.query.emplace_back("fieldSelector", fields);
}

ApiRequest Write(absl::string_view method, std::string path, const WriteOptions& options) {
  ApiRequest request;
  request.method = std::string(method);
  request.path = std::move(path);
  if (!options.subresource.empty()) absl::StrAppend(&request.path, "/", options.subresource);
  if (!options.field_manager.empty()) {
    request.query.emplace_back("fieldManager", options.field_manager);
  }
  if (options.force) request.query.emplace_back("force", "true");
  if (options.dry_run) request.query.emplace_back("dryRun", "All");
  if (!options.field_validation.empty()) {
    request.query.emplace_back("fieldValidation", options.field_validation);
  }
  return request;
}

class ImpersonatingClient : public Client {
 public:
  ImpersonatingClient(Client& client, std::string user) : client_(client), user_(std::move(user)) {}

  absl::StatusOr<Value> Do(const Context& ctx, const ApiRequest& request) override {
    return client_.Do(ctx, AsUser(request));
  }
  absl::Status WatchStream(const Context& ctx, const ApiRequest& request,
                           const std::function<absl::Status(WatchEvent)>& on_event) override {
    return client_.WatchStream(ctx, AsUser(request), on_event);
  }

 private:
  ApiRequest AsUser(ApiRequest request) const {
    request.impersonate_user = user_;
    return request;
  }

  Client& client_;
  const std::string user_;
};

}  // namespace

absl::StatusOr<Value> Client::Get(const Context& ctx, const Resource& resource,
                                  const ObjectKey& key) {
  ApiRequest request;
  request.path = resource.Path(key.ns, key.name);
  return Do(ctx, request);
}

absl::StatusOr<ObjectList> Client::List(const Context& ctx, const Resource& resource,
                                        absl::string_view ns, const ListOptions& options) {
  ObjectList result;
  ASSIGN_OR_RETURN(result.resource_version, ListEach(ctx, resource, ns, options, [&](Value item) {
                     result.items.push_back(std::move(item));
                     return absl::OkStatus();
                   }));
  return result;
}

absl::StatusOr<std::string> Client::ListEach(const Context& ctx, const Resource& resource,
                                             absl::string_view ns, const ListOptions& options,
                                             const std::function<absl::Status(Value)>& on_item) {
  std::string version;
  std::string next;
  do {
    ApiRequest request;
    request.path = resource.Path(ns);
    AddSelectors(options.label_selector, options.field_selector, request);
    if (options.limit > 0) request.query.emplace_back("limit", absl::StrCat(options.limit));
    if (!next.empty()) {
      request.query.emplace_back("continue", next);
    } else if (!options.resource_version.empty()) {
      request.query.emplace_back("resourceVersion", options.resource_version);
    }
    ASSIGN_OR_RETURN(Value page, Do(ctx, request));
    version = std::string(page["metadata"]["resourceVersion"].str());
    next = std::string(page["metadata"]["continue"].str());
    if (Value* items = page.FindMutable("items"); items != nullptr && items->is_array()) {
      for (Value& item : items->mutable_items()) {
        // Items of a list carry no type of their own.
        item.Set("apiVersion", resource.gvk().api_version());
        item.Set("kind", resource.kind);
        RETURN_IF_ERROR(on_item(std::move(item)));
      }
    }
  } while (!next.empty());
  return version;
}

absl::Status Client::Watch(const Context& ctx, const Resource& resource, absl::string_view ns,
                           const WatchOptions& options,
                           const std::function<absl::Status(WatchEvent)>& on_event) {
  ApiRequest request;
  request.path = resource.Path(ns);
  request.query = {{"watch", "true"},
                   {"allowWatchBookmarks", "true"},
                   {"resourceVersion", options.resource_version},
                   {"timeoutSeconds", absl::StrCat(absl::ToInt64Seconds(options.timeout))}};
  AddSelectors(options.label_selector, options.field_selector, request);
  return WatchStream(ctx, request, on_event);
}

absl::StatusOr<Value> Client::Create(const Context& ctx, const Resource& resource,
                                     const Value& object, const WriteOptions& options) {
  ApiRequest request = Write("POST", resource.Path(Namespace(object)), options);
  request.content_type = "application/json";
  request.body = object;
  return Do(ctx, request);
}

absl::StatusOr<Value> Client::Update(const Context& ctx, const Resource& resource,
                                     const Value& object, const WriteOptions& options) {
  ApiRequest request = Write("PUT", resource.Path(Namespace(object), Name(object)), options);
  request.content_type = "application/json";
  request.body = object;
  return Do(ctx, request);
}

absl::StatusOr<Value> Client::Patch(const Context& ctx, const Resource& resource,
                                    const ObjectKey& key, PatchType type, const Value& patch,
                                    const WriteOptions& options) {
  ApiRequest request = Write("PATCH", resource.Path(key.ns, key.name), options);
  request.content_type = std::string(ContentType(type));
  request.body = patch;
  return Do(ctx, request);
}

absl::StatusOr<Value> Client::Apply(const Context& ctx, const Resource& resource,
                                    const Value& object, const WriteOptions& options) {
  return Patch(ctx, resource, KeyOf(object), PatchType::kApply, object, options);
}

absl::Status Client::Delete(const Context& ctx, const Resource& resource, const ObjectKey& key,
                            const DeleteOptions& options) {
  ApiRequest request;
  request.method = "DELETE";
  request.path = resource.Path(key.ns, key.name);
  request.content_type = "application/json";
  request.body = {{"apiVersion", "v1"},
                  {"kind", "DeleteOptions"},
                  {"propagationPolicy", PropagationName(options.propagation)}};
  if (!options.uid.empty()) request.body.Ensure("preconditions").Set("uid", options.uid);
  if (options.dry_run) request.body.Set("dryRun", Value(Value::Array{"All"}));
  return Do(ctx, request).status();
}

std::unique_ptr<Client> Impersonate(Client& client, std::string user) {
  return std::make_unique<ImpersonatingClient>(client, std::move(user));
}

}  // namespace sluice::kube
