// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/verbs/dispatch.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/devapi/kinds/crds.h"
#include "common/devapi/verbs/body.h"
#include "common/devapi/verbs/reviews.h"
#include "common/devapi/verbs/scale.h"
#include "common/devapi/verbs/verbs.h"
#include "common/devapi/verbs/write.h"

namespace sluice::devapi {
namespace {

absl::Status NoSuchMethod() {
  return ApiError(405, "MethodNotAllowed",
                  "the server does not allow this method on the requested resource",
                  Value::EmptyObject());
}

bool Lists(const std::vector<std::string>& verbs, absl::string_view verb) {
  return std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
}

// POST pods/<name>/eviction: a delete that says so.
absl::StatusOr<Reply> Evict(Cluster& cluster, Call& call) {
  ASSIGN_OR_RETURN(const Value eviction, ParseBody(cluster, call, "Eviction"));
  ASSIGN_OR_RETURN(const DeleteOptions options,
                   ParseDeleteOptions(call.query, eviction["deleteOptions"]));
  call.info.subresource.clear();
  RETURN_IF_ERROR(DeleteObject(cluster, call, options).status());
  return Reply{201, SuccessStatus(nullptr)};
}

// POST pods/<name>/binding: the scheduler's word where a pod runs.
absl::StatusOr<Reply> Bind(Cluster& cluster, Call& call) {
  ASSIGN_OR_RETURN(const Value binding, ParseBody(cluster, call, "Binding"));
  const std::string node(binding["target"]["name"].str());
  RETURN_IF_ERROR(UpdateObject(cluster, call, WriteOptions{},
                               {[&](const Value& current) -> absl::StatusOr<Value> {
                                 Value next = current;
                                 next.Ensure("spec").Set("nodeName", node);
                                 return next;
                               }})
                      .status());
  return Reply{201, SuccessStatus(nullptr)};
}

// Subresources whose body is the object itself.
bool IsPartOfObject(absl::string_view subresource) {
  return subresource == "status" || subresource == "finalize" || subresource == "approval" ||
         subresource == "ephemeralcontainers" || subresource == "resize";
}

absl::StatusOr<Reply> DispatchSubresource(Cluster& cluster, Call& call) {
  const Subresource* subresource = call.resource->FindSubresource(call.info.subresource);
  if (subresource == nullptr) return NoSuchPath();
  const std::string& verb = call.info.verb;
  if (!Lists(subresource->verbs, verb)) return NoSuchMethod();
  if (subresource->name == "scale") return Scale(cluster, call);
  if (subresource->name == "token") return CreateToken(cluster, call);
  if (subresource->name == "eviction") return Evict(cluster, call);
  if (subresource->name == "binding") return Bind(cluster, call);
  if (!IsPartOfObject(subresource->name)) {
    return ApiError(
        501, "NotImplemented",
        absl::StrCat("this development API server runs no containers: ", call.resource->plural, "/",
                     subresource->name, " is not available"));
  }
  if (verb == "get") return Get(cluster, call);
  if (verb == "update") return Update(cluster, call);
  return Patch(cluster, call);
}

absl::StatusOr<Reply> DispatchObject(Cluster& cluster, Call& call) {
  const std::string& verb = call.info.verb;
  if (!Lists(call.resource->verbs, verb)) return NoSuchMethod();
  if (verb == "get") return Get(cluster, call);
  if (verb == "list") return List(cluster, call);
  if (verb == "watch") return StartWatch(cluster, call);
  if (verb == "create") {
    return IsReview(*call.resource) ? CreateReview(cluster, call) : Create(cluster, call);
  }
  if (verb == "update") return Update(cluster, call);
  if (verb == "patch") return Patch(cluster, call);
  if (verb == "delete") return Delete(cluster, call);
  if (verb == "deletecollection") return DeleteCollection(cluster, call);
  return NoSuchMethod();
}

// Whether the path has the shape that the verb and the resource's scope ask for.
absl::Status CheckPath(const Call& call) {
  const RequestInfo& info = call.info;
  const Resource& resource = *call.resource;
  const bool in_namespace = info.path_has_namespace && info.resource != "namespaces";
  if (!resource.namespaced && in_namespace) return NoSuchPath();
  if (resource.namespaced && !in_namespace) {
    if (!info.name.empty()) return NoSuchPath();
    // Only reading reaches over all namespaces.
    if (info.verb != "list" && info.verb != "watch") return NoSuchMethod();
  }
  const bool collection = info.name.empty();
  const bool wants_name = info.verb == "update" || info.verb == "patch" || info.verb == "delete";
  if (wants_name && collection) return NoSuchMethod();
  if (info.verb == "create" && !collection && info.subresource.empty()) return NoSuchMethod();
  if (!info.rest.empty() && info.subresource != "proxy") return NoSuchPath();
  return absl::OkStatus();
}

// Warns of versions and kinds that are on their way out.
void NoteDeprecation(Call& call) {
  const Resource& resource = *call.resource;
  if (resource.custom != nullptr) {
    if (resource.custom->deprecated) call.warnings.push_back(resource.custom->deprecation_warning);
  } else if (resource.storage == "endpoints") {
    call.warnings.push_back(
        "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice");
  } else if (resource.storage == "componentstatuses") {
    call.warnings.push_back("v1 ComponentStatus is deprecated in v1.19+");
  }
}

}  // namespace

absl::StatusOr<Reply> Dispatch(Cluster& cluster, Call& call) {
  RETURN_IF_ERROR(CheckPath(call));
  NoteDeprecation(call);
  const bool writes_crd = call.resource->storage == kCrdStorage && call.info.verb != "get" &&
                          call.info.verb != "list" && call.info.verb != "watch";
  absl::StatusOr<Reply> reply = call.info.subresource.empty() ? DispatchObject(cluster, call)
                                                              : DispatchSubresource(cluster, call);
  if (writes_crd && reply.ok() && !call.info.name.empty()) {
    // What the definition serves is there when its writer hears of the success.
    RETURN_IF_ERROR(SyncCrd(cluster, call.info.name));
  }
  return reply;
}

}  // namespace sluice::devapi
