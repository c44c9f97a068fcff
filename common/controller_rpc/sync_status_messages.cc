// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/sync_status_messages.h"

#include <set>

#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/kube/label_selector.h"

namespace sluice::controller_rpc {
namespace {

namespace v1 = ::sluice::common::v1;

v1::ConditionStatus ReadyOf(const sync_status::SyncStatus& status) {
  if (!status.has_ready) return v1::CONDITION_STATUS_UNSPECIFIED;
  switch (status.ready) {
    case api::ConditionStatus::kTrue:
      return v1::CONDITION_STATUS_TRUE;
    case api::ConditionStatus::kFalse:
      return v1::CONDITION_STATUS_FALSE;
    case api::ConditionStatus::kUnknown:
      return v1::CONDITION_STATUS_UNKNOWN;
  }
  return v1::CONDITION_STATUS_UNSPECIFIED;
}

}  // namespace

v1::ObjectReference ToMessage(const sync_status::ObjectRef& object) {
  v1::ObjectReference message;
  message.set_kind(object.kind);
  message.set_namespace_(object.key.ns);
  message.set_name(object.key.name);
  return message;
}

v1::SyncStatus ToMessage(const sync_status::SyncStatus& status) {
  v1::SyncStatus message;
  *message.mutable_object() = ToMessage(status.object);
  message.mutable_object()->set_group(status.group);
  message.mutable_object()->set_uid(status.uid);
  message.set_ready(ReadyOf(status));
  message.set_reason(status.reason);
  message.set_message(status.message);
  message.mutable_last_transition_time()->set_seconds(
      absl::ToUnixSeconds(status.last_transition_time));
  message.set_revision(status.revision);
  message.set_last_attempted_revision(status.last_attempted_revision);
  message.set_suspended(status.suspended);
  message.set_reconciling(status.reconciling);
  message.set_stalled(status.stalled);
  message.set_generation(status.generation);
  message.set_observed_generation(status.observed_generation);
  message.set_last_handled_reconcile_at(status.last_handled_reconcile_at);
  for (const auto& [key, value] : status.labels) (*message.mutable_labels())[key] = value;
  message.set_resource_version(status.resource_version);
  return message;
}

sync_status::ObjectRef FromMessage(const v1::ObjectReference& message) {
  return {message.kind(), {message.namespace_(), message.name()}};
}

sync_status::SyncStatus FromMessage(const v1::SyncStatus& message) {
  sync_status::SyncStatus status;
  status.object = FromMessage(message.object());
  status.group = message.object().group();
  status.uid = message.object().uid();
  status.has_ready = message.ready() != v1::CONDITION_STATUS_UNSPECIFIED;
  status.ready = message.ready() == v1::CONDITION_STATUS_TRUE    ? api::ConditionStatus::kTrue
                 : message.ready() == v1::CONDITION_STATUS_FALSE ? api::ConditionStatus::kFalse
                                                                 : api::ConditionStatus::kUnknown;
  status.reason = message.reason();
  status.message = message.message();
  status.last_transition_time = absl::FromUnixSeconds(message.last_transition_time().seconds());
  status.revision = message.revision();
  status.last_attempted_revision = message.last_attempted_revision();
  status.suspended = message.suspended();
  status.reconciling = message.reconciling();
  status.stalled = message.stalled();
  status.generation = message.generation();
  status.observed_generation = message.observed_generation();
  status.last_handled_reconcile_at = message.last_handled_reconcile_at();
  status.labels = {message.labels().begin(), message.labels().end()};
  status.resource_version = message.resource_version();
  return status;
}

absl::StatusOr<std::function<bool(const sync_status::SyncStatus&)>> ToPredicate(
    const v1::Selection& selection) {
  ASSIGN_OR_RETURN(const kube::LabelSelector labels,
                   kube::LabelSelector::Parse(selection.label_selector()));
  const std::set<std::string> kinds(selection.kinds().begin(), selection.kinds().end());
  const std::set<std::string> namespaces(selection.namespaces().begin(),
                                         selection.namespaces().end());
  const bool only_failing = selection.only_failing();
  return [=](const sync_status::SyncStatus& status) {
    if (!kinds.empty() && !kinds.contains(status.object.kind)) return false;
    if (!namespaces.empty() && !namespaces.contains(status.object.key.ns)) return false;
    if (only_failing && (status.suspended || status.ready == api::ConditionStatus::kTrue)) {
      return false;
    }
    return labels.Matches(status.labels);
  };
}

}  // namespace sluice::controller_rpc
