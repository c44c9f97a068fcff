// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/unsupported_reconciler.h"

#include "absl/strings/str_cat.h"
#include "common/api/meta/condition.h"
#include "common/api/meta/names.h"
#include "common/base/status_macros.h"
#include "common/runtime/status_writer.h"

namespace sluice::runtime {

UnsupportedReconciler::UnsupportedReconciler(const Store& store, kube::Client& client,
                                             const kube::Resource& resource,
                                             std::string field_manager, Clock& clock)
    : store_(store),
      client_(client),
      resource_(resource),
      field_manager_(std::move(field_manager)),
      clock_(clock) {}

absl::StatusOr<Action> UnsupportedReconciler::Reconcile(const Context& ctx,
                                                        const kube::ObjectKey& key) {
  static constexpr absl::string_view kOwned[] = {api::kReady};
  const kube::ObjectPtr object = store_.Find(key);
  if (object == nullptr || kube::Deleting(*object)) return Action::AwaitChange();

  Value status = (*object)["status"];
  auto conditions = api::Conditions::Decode(status["conditions"]);
  conditions.Set(api::kReady, api::ConditionStatus::kUnknown, "Unsupported",
                 absl::StrCat(resource_.kind,
                              " objects are accepted but not reconciled by this version of Sluice; "
                              "nothing was done"),
                 kube::Generation(*object), clock_.Now());
  status.Set("conditions", conditions.Encode());
  if (const absl::string_view requested =
          kube::Annotation(*object, api::kReconcileRequestAnnotation);
      !requested.empty()) {
    status.Set("lastHandledReconcileAt", requested);
  }
  StatusWriter writer(client_, resource_, *object, field_manager_, kOwned);
  RETURN_IF_ERROR(writer.Patch(ctx, std::move(status)));
  return Action::AwaitChange();
}

}  // namespace sluice::runtime
