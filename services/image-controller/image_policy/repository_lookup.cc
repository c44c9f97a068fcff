// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_policy/repository_lookup.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/decode.h"
#include "common/api/meta/reason.h"
#include "common/base/status_macros.h"

namespace sluice::image_controller {
namespace {

constexpr char kAccessDenied[] = "AccessDenied";

absl::Status Denied(absl::string_view message) {
  return api::WithReason(absl::PermissionDeniedError(message), kAccessDenied);
}

// Whether namespace `ns` has access to the repository.
absl::Status CheckAccess(const Context& ctx, kube::Client& client, const std::string& ns,
                         const kube::ObjectKey& repository, const Value& object) {
  const std::string name = absl::StrCat("access denied: '", repository.ToString(), "' ");
  ASSIGN_OR_RETURN(const api::ImageRepositorySpec spec,
                   api::DecodeImageRepositorySpec(object["spec"]));
  if (!spec.access_from.has_value()) {
    return Denied(absl::StrCat(name, "can't be accessed due to missing access list"));
  }
  if (spec.access_from->namespace_selectors.empty()) {
    return Denied(absl::StrCat(name, "can't be accessed due to an empty access list"));
  }
  static const kube::Resource kNamespaces = {"", "v1", "namespaces", "Namespace", false};
  ASSIGN_OR_RETURN(const Value ns_object, client.Get(ctx, kNamespaces, {"", ns}));
  if (!Admits(*spec.access_from, api::TextMap(ns_object["metadata"]["labels"]))) {
    return Denied(
        absl::StrCat(name, "can't be accessed due to labels mismatch on namespace '", ns, "'"));
  }
  return absl::OkStatus();
}

}  // namespace

bool Admits(const api::AccessFrom& access, const std::map<std::string, std::string>& labels) {
  return std::any_of(access.namespace_selectors.begin(), access.namespace_selectors.end(),
                     [&labels](const std::map<std::string, std::string>& selector) {
                       return std::all_of(
                           selector.begin(), selector.end(), [&labels](const auto& wanted) {
                             const auto label = labels.find(wanted.first);
                             return label != labels.end() && label->second == wanted.second;
                           });
                     });
}

absl::StatusOr<Value> FindImageRepository(const Context& ctx, kube::Client& client,
                                          const std::string& ns, const kube::ObjectKey& repository,
                                          bool no_cross_namespace) {
  const bool is_foreign = repository.ns != ns;
  if (is_foreign && no_cross_namespace) {
    return Denied(absl::StrCat("cannot access 'ImageRepository/", repository.ToString(),
                               "', cross-namespace references have been blocked"));
  }
  auto object = client.Get(ctx, api::KindOrDie("ImageRepository"), repository);
  if (absl::IsNotFound(object.status())) {
    return api::WithReason(absl::NotFoundError(absl::StrCat(
                               "referenced ImageRepository does not exist: ImageRepository.",
                               api::kImageGroup, " \"", repository.name, "\" not found")),
                           "DependencyNotReady");
  }
  if (object.ok() && is_foreign) {
    RETURN_IF_ERROR(CheckAccess(ctx, client, ns, repository, *object));
  }
  return object;
}

}  // namespace sluice::image_controller
