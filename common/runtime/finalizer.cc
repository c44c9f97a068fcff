// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/finalizer.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"
#include "common/kube/object.h"

namespace sluice::runtime {
namespace {

absl::StatusOr<Value> PatchFinalizers(const Context& ctx, kube::Client& client,
                                      const kube::Resource& resource, const Value& object,
                                      Value finalizers, absl::string_view field_manager) {
  const Value patch = {
      {"metadata",
       {{"finalizers", finalizers}, {"resourceVersion", kube::ResourceVersion(object)}}}};
  return client.Patch(ctx, resource, kube::KeyOf(object), kube::PatchType::kMerge, patch,
                      {.field_manager = std::string(field_manager)});
}

}  // namespace

bool HasFinalizer(const Value& object, absl::string_view finalizer) {
  const auto finalizers = object["metadata"]["finalizers"].items();
  return std::any_of(finalizers.begin(), finalizers.end(),
                     [finalizer](const Value& item) { return item.str() == finalizer; });
}

absl::StatusOr<Value> AddFinalizer(const Context& ctx, kube::Client& client,
                                   const kube::Resource& resource, const Value& object,
                                   absl::string_view field_manager, absl::string_view finalizer) {
  Value finalizers = object["metadata"]["finalizers"];
  finalizers.Append(finalizer);
  return PatchFinalizers(ctx, client, resource, object, std::move(finalizers), field_manager);
}

absl::Status RemoveFinalizer(const Context& ctx, kube::Client& client,
                             const kube::Resource& resource, const Value& object,
                             absl::string_view field_manager, absl::string_view finalizer) {
  if (!HasFinalizer(object, finalizer)) return absl::OkStatus();
  Value finalizers = Value::EmptyArray();
  for (const Value& item : object["metadata"]["finalizers"].items()) {
    if (item.str() != finalizer) finalizers.Append(item);
  }
  const absl::Status status =
      PatchFinalizers(ctx, client, resource, object, std::move(finalizers), field_manager).status();
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

absl::StatusOr<bool> GoesWithSuite(const Context& ctx, kube::Client& client, const Value& object,
                                   const std::string& own) {
  static const auto* const kNamespaces =
      new kube::Resource{"", "v1", "namespaces", "Namespace", false};
  if (own.empty() || kube::Namespace(object) != own) return false;
  const auto found = client.Get(ctx, *kNamespaces, {"", own});
  if (absl::IsPermissionDenied(found.status()) || absl::IsNotFound(found.status())) return false;
  RETURN_IF_ERROR(found.status());
  return kube::Deleting(*found);
}

absl::StatusOr<std::optional<Value>> LoadForReconcile(const Context& ctx, kube::Client& client,
                                                      const kube::Resource& resource,
                                                      const kube::ObjectKey& key,
                                                      absl::string_view field_manager) {
  auto object = client.Get(ctx, resource, key);
  if (object.ok() && !kube::Deleting(*object) && !HasFinalizer(*object)) {
    object = AddFinalizer(ctx, client, resource, *object, field_manager);
  }
  if (absl::IsNotFound(object.status())) return std::nullopt;
  RETURN_IF_ERROR(object.status());
  return std::move(object).value();
}

}  // namespace sluice::runtime
