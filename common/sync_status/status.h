// How the reconciliation of one object is doing, in one form for all kinds.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/time/time.h"
#include "common/api/meta/condition.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::sync_status {

// Which object: kinds of Sluice have distinct names, so the group is not part of it.
struct ObjectRef {
  std::string kind;
  kube::ObjectKey key;

  friend auto operator<=>(const ObjectRef&, const ObjectRef&) = default;
};

struct SyncStatus {
  ObjectRef object;
  std::string group;
  std::string uid;
  std::string resource_version;
  bool has_ready = false;  // whether there is a Ready condition at all
  api::ConditionStatus ready = api::ConditionStatus::kUnknown;
  std::string reason;
  std::string message;
  absl::Time last_transition_time;
  std::string revision;  // in use, see RevisionOf()
  std::string last_attempted_revision;
  bool suspended = false;
  bool reconciling = false;
  bool stalled = false;
  int64_t generation = 0;
  int64_t observed_generation = 0;
  std::string last_handled_reconcile_at;
  std::map<std::string, std::string> labels;
};

// From an object with apiVersion and kind.
SyncStatus StatusOf(const Value& object);

// What `sluice get` and `flux get` show as the revision (spec/cli.md §2): the artifact's of
// sources, the last applied of Kustomizations, the chart version of HelmReleases, the reference of
// ImagePolicies.
std::string RevisionOf(const Value& object);

}  // namespace sluice::sync_status
