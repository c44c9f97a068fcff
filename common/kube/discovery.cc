// SPDX-License-Identifier: Apache-2.0
#include "common/kube/discovery.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::kube {

absl::StatusOr<Resource> Discovery::Resolve(const Context& ctx, const GroupVersionKind& gvk) {
  const auto find = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> const Resource* {
    const auto it = resources_.find(gvk);
    return it == resources_.end() ? nullptr : &it->second;
  };
  {
    absl::MutexLock lock(&mutex_);
    if (const Resource* resource = find()) return *resource;
  }
  const absl::Status refreshed = Refresh(ctx, gvk.group, gvk.version);
  if (!refreshed.ok() && !absl::IsNotFound(refreshed)) return refreshed;
  absl::MutexLock lock(&mutex_);
  if (const Resource* resource = find()) return *resource;
  return absl::NotFoundError(absl::StrCat("no matches for kind \"", gvk.kind, "\" in version \"",
                                          gvk.api_version(), "\""));
}

void Discovery::Invalidate() {
  absl::MutexLock lock(&mutex_);
  resources_.clear();
}

absl::Status Discovery::Refresh(const Context& ctx, const std::string& group,
                                const std::string& version) {
  ApiRequest request;
  request.path =
      group.empty() ? absl::StrCat("/api/", version) : absl::StrCat("/apis/", group, "/", version);
  ASSIGN_OR_RETURN(const Value list, client_.Do(ctx, request));
  absl::MutexLock lock(&mutex_);
  for (const Value& item : list["resources"].items()) {
    const absl::string_view plural = item["name"].str();
    if (absl::StrContains(plural, '/')) continue;  // a subresource
    const Resource resource = {group, version, std::string(plural), std::string(item["kind"].str()),
                               item["namespaced"].bool_or(false)};
    resources_.insert_or_assign(resource.gvk(), resource);
  }
  return absl::OkStatus();
}

}  // namespace sluice::kube
