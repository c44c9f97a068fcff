// SPDX-License-Identifier: Apache-2.0
#include "common/kube/gvk.h"

#include "absl/strings/str_cat.h"
#include "common/http/message.h"

namespace sluice::kube {

std::string GroupVersionKind::api_version() const {
  return group.empty() ? version : absl::StrCat(group, "/", version);
}

std::string GroupVersionKind::group_kind() const {
  return group.empty() ? kind : absl::StrCat(kind, ".", group);
}

std::pair<std::string, std::string> SplitApiVersion(absl::string_view api_version) {
  const size_t slash = api_version.find('/');
  if (slash == absl::string_view::npos) return {"", std::string(api_version)};
  return {std::string(api_version.substr(0, slash)), std::string(api_version.substr(slash + 1))};
}

GroupVersionKind ParseGvk(absl::string_view api_version, absl::string_view kind) {
  auto [group, version] = SplitApiVersion(api_version);
  return {std::move(group), std::move(version), std::string(kind)};
}

std::string Resource::Path(absl::string_view ns, absl::string_view name) const {
  std::string path =
      group.empty() ? absl::StrCat("/api/", version) : absl::StrCat("/apis/", group, "/", version);
  if (namespaced && !ns.empty()) {
    absl::StrAppend(&path, "/namespaces/", http::EscapePathSegment(ns));
  }
  absl::StrAppend(&path, "/", plural);
  if (!name.empty()) absl::StrAppend(&path, "/", http::EscapePathSegment(name));
  return path;
}

std::string Resource::group_resource() const {
  return group.empty() ? plural : absl::StrCat(plural, ".", group);
}

}  // namespace sluice::kube
