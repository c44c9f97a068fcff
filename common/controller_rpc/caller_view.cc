// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/caller_view.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/base/status_macros.h"

namespace sluice::controller_rpc {
namespace {

constexpr int64_t kMostPods = 100;

const kube::Resource kPods = {"", "v1", "pods", "Pod", true};

}  // namespace

absl::StatusOr<Value> CallerView::Get(const ssa::ObjectId& id) const {
  const kube::Resource* own = api::FindKind(id.gvk.kind);
  kube::Resource resource;
  if (own != nullptr && (id.gvk.group.empty() || id.gvk.group == own->group)) {
    resource = *own;
  } else {
    ASSIGN_OR_RETURN(resource, discovery_.Resolve(ctx_, id.gvk));
  }
  ASSIGN_OR_RETURN(const bool allowed, guard_.Allowed(ctx_, session_, "get", resource, id.key));
  if (!allowed) return absl::PermissionDeniedError("not for this caller");
  return client_.Get(ctx_, resource, id.key);
}

absl::StatusOr<kube::ObjectPtr> CallerView::Find(const ssa::ObjectId& id) const {
  absl::StatusOr<Value> object = Get(id);
  if (absl::IsNotFound(object.status()) || absl::IsPermissionDenied(object.status())) {
    return nullptr;
  }
  RETURN_IF_ERROR(object.status());
  return std::make_shared<const Value>(*std::move(object));
}

absl::StatusOr<std::vector<kube::ObjectPtr>> CallerView::Pods(const std::string& ns,
                                                              const Value& labels) const {
  std::vector<kube::ObjectPtr> pods;
  ASSIGN_OR_RETURN(const bool allowed,
                   guard_.Allowed(ctx_, session_, "list", kPods, kube::ObjectKey{ns, ""}));
  if (!allowed) return pods;
  std::string selector;
  for (const auto& [key, value] : labels.members()) {
    absl::StrAppend(&selector, selector.empty() ? "" : ",", std::string(key), "=",
                    std::string(value.str()));
  }
  kube::ListOptions options;
  options.label_selector = selector;
  options.limit = kMostPods;
  const absl::Status listed =
      client_
          .ListEach(ctx_, kPods, ns, options,
                    [&](Value pod) {
                      pods.push_back(std::make_shared<const Value>(std::move(pod)));
                      return pods.size() < kMostPods ? absl::OkStatus()
                                                     : absl::AbortedError("enough");
                    })
          .status();
  // What the controller itself may not list is not shown either.
  if (!listed.ok() && !absl::IsAborted(listed) && !absl::IsPermissionDenied(listed)) return listed;
  return pods;
}

explain::Cluster CallerView::AsCluster() const {
  return {[this](const ssa::ObjectId& id) { return Find(id); },
          [this](const std::string& ns, const Value& labels) { return Pods(ns, labels); }};
}

}  // namespace sluice::controller_rpc
