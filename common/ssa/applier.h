// Applier: makes the cluster hold a set of objects, by server-side apply, in stages
// (spec/kustomize.md §4.3 and §4.4).
//
// Guarantees. An object that already is as desired is not written. Every object of a stage is known
// to be accepted, by a dry run now or one remembered (applied_memo.h), before the first one of that
// stage is written, so a refused object leaves its stage alone. Stages before it stay applied;
// repeating the call goes on from there. Assumptions. The field manager is ours alone.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/ssa/applied_memo.h"
#include "common/ssa/change_set.h"
#include "common/ssa/drift_ignore.h"
#include "common/ssa/live_view.h"
#include "common/value/secret_texts.h"

namespace sluice::ssa {

struct ApplyOptions {
  ApplyIdentity identity;
  bool force = false;                                // recreate where a field cannot be changed
  std::set<std::string> custom_stage_kinds;          // --custom-apply-stage-kinds
  int concurrency = 4;                               // --concurrent-ssa
  absl::Duration stage_timeout = absl::Seconds(60);  // for what the first two stages wait for
  // What is known of these objects from the last time, and of live ones by watch. Null: every
  // object is read and tried. Both must outlive the applier.
  AppliedMemo* memo = nullptr;
  LiveView* live = nullptr;
  // Fields of live objects that are not ours to set back.
  DriftIgnore ignore;
  // What the API server may quote and nobody is to be told, besides the values of Secrets.
  value::SecretTexts secrets;
  // Makes all managed fields say the version that is applied (gate MigrateAPIVersion).
  bool migrate_api_version = false;
  // Called before the first write of each stage that writes at all, with the objects of that stage.
  // Whoever keeps an inventory notes them here, so that a crash leaves nothing behind that nobody
  // knows of. An error ends the apply.
  std::function<absl::Status(const Inventory& stage)> before_writes;
};

struct ApplyResult {
  absl::Status status;
  // In apply order; on failure, what the finished stages did.
  ChangeSet changes;
  // What the API server does not know and was left out: "Kind/ns/name: .spec.replica".
  std::vector<std::string> dropped;
};

// `error` of the API server about `object` without `secrets`, nor what it holds if it is a Secret.
absl::Status Untold(const absl::Status& error, const Value& object, value::SecretTexts secrets);

// Thread-safe. `client`, `discovery` and `clock` must outlive it.
class Applier {
 public:
  Applier(kube::Client& client, kube::Discovery& discovery, ApplyOptions options, Clock& clock);

  ApplyResult Apply(const Context& ctx, std::vector<Value> objects);

 private:
  struct Plan;  // one object on its way through a stage

  absl::Status ApplyStage(const Context& ctx, std::vector<Plan>& plans, ChangeSet& changes);
  // Finds out what is to be done for one object.
  absl::Status Examine(const Context& ctx, Plan& plan);
  // The same without reading it. False if it has to be read after all.
  absl::StatusOr<bool> ExamineUnread(const Context& ctx, Plan& plan);
  absl::Status DryRun(const Context& ctx, Plan& plan, bool known_absent);
  // A dry run. Fields that the server does not know are taken out of the plan's object.
  absl::StatusOr<Value> TryApply(const Context& ctx, Plan& plan);
  absl::Status MigrateVersion(const Context& ctx, Plan& plan);
  bool HasPolicy(const Plan& plan, absl::string_view key, absl::string_view value) const;
  void Note(const Plan& plan);
  absl::Status Write(const Context& ctx, Plan& plan);
  absl::Status Recreate(const Context& ctx, Plan& plan);
  absl::Status CleanUp(const Context& ctx, Plan& plan);
  absl::Status WaitUntilReady(const Context& ctx, std::span<const Plan> plans);

  kube::Client& client_;
  kube::Discovery& discovery_;
  const ApplyOptions options_;
  Clock& clock_;
};

}  // namespace sluice::ssa
