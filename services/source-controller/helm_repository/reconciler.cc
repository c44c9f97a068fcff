// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_repository/reconciler.h"

#include "common/api/kinds.h"
#include "common/api/source/helm_repository.h"
#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/runtime/finalizer.h"
#include "services/source-controller/helm_repository/reconciliation.h"

namespace sluice::source_controller {

using runtime::Action;

HelmRepositoryReconciler::HelmRepositoryReconciler(const runtime::Store& store,
                                                   const Collaborators& with, IndexCache& cache)
    : store_(store),
      with_(with),
      cache_(cache),
      default_(kHelmRepository, store, with, [this](Value object) {
        return std::make_unique<HelmRepositoryReconciliation>(with_, cache_, std::move(object));
      }) {}

absl::StatusOr<Action> HelmRepositoryReconciler::Reconcile(const Context& ctx,
                                                           const kube::ObjectKey& key) {
  const kube::ObjectPtr object = store_.Find(key);
  if (object == nullptr) {
    cache_.Forget(key);
    return Action::AwaitChange();
  }
  if ((*object)["spec"]["type"].str() != api::kOciHelmRepository) {
    return default_.Reconcile(ctx, key);
  }
  RETURN_IF_ERROR(MakeStatic(ctx, key));
  return Action::AwaitChange();
}

absl::Status HelmRepositoryReconciler::MakeStatic(const Context& ctx, const kube::ObjectKey& key) {
  const kube::Resource& resource = api::KindOrDie(kHelmRepository.name);
  const auto object = with_.client.Get(ctx, resource, key);
  if (absl::IsNotFound(object.status())) return absl::OkStatus();
  RETURN_IF_ERROR(object.status());
  if ((*object)["spec"]["type"].str() != api::kOciHelmRepository) return absl::OkStatus();
  const bool deleting = kube::Deleting(*object);
  if ((*object)["spec"]["suspend"].bool_or(false) && !deleting) return absl::OkStatus();
  const api::SourceReference source = {kHelmRepository.name, key};
  RETURN_IF_ERROR(with_.storage.RemoveAll(ctx, source).status());
  with_.hub.Remove(source);
  if (!deleting && !(*object)["status"].empty()) {
    Value nothing = Value::EmptyObject();
    for (const value::Member& member : (*object)["status"].members()) {
      nothing.Set(member.key, nullptr);
    }
    const auto patched = with_.client.Patch(
        ctx, resource, key, kube::PatchType::kMerge, {{"status", std::move(nothing)}},
        {.field_manager = kFieldManager, .subresource = "status"});
    if (absl::IsNotFound(patched.status())) return absl::OkStatus();
    RETURN_IF_ERROR(patched.status());
    return runtime::RemoveFinalizer(ctx, with_.client, resource, *patched, kFieldManager);
  }
  return runtime::RemoveFinalizer(ctx, with_.client, resource, *object, kFieldManager);
}

}  // namespace sluice::source_controller
