// Session: one reconciliation of one GitRepository, with the status it is building up.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/api/meta/reference.h"
#include "common/api/source/git_repository.h"
#include "common/base/clock.h"
#include "common/kube/client.h"
#include "common/runtime/events.h"
#include "common/runtime/status_writer.h"
#include "services/source-controller/outcome.h"

namespace sluice::source_controller {

// Field manager of writes to the object.
inline constexpr char kFieldManager[] = "source-controller";

// Not thread-safe. Its collaborators must outlive it.
class Session {
 public:
  Session(kube::Client& client, runtime::EventRecorder& events, Clock& clock, Value object);

  const Value& object() const { return object_; }
  kube::ObjectKey key() const;
  api::SourceReference source() const { return {"GitRepository", key()}; }
  int64_t generation() const;
  // Of the object as last patched.
  const std::string& resource_version() const { return writer_.resource_version(); }
  absl::Duration elapsed() const { return clock_.Now() - started_; }
  absl::Time now() const { return clock_.Now(); }

  api::GitRepositorySpec spec;      // filled in once decoded
  api::GitRepositoryStatus status;  // what the object's status is to become
  std::string commit_subject;       // of the commit that was fetched, "" if none was

  void Set(absl::string_view type, api::ConditionStatus condition, absl::string_view reason,
           absl::string_view message);
  void Delete(absl::string_view type) { status.conditions.Delete(type); }
  // Records `type`=True as the reason of a failure and gives the outcome.
  Outcome Fail(absl::string_view type, absl::string_view reason, const absl::Status& error);
  Outcome Stall(absl::string_view type, absl::string_view reason, const absl::Status& error);

  // Reconciling=True with `message`; Ready=Unknown too if the object drifts from what it was
  // (`drift`), has no Ready, or is Unknown already. Does not patch.
  void Progress(bool drift, absl::string_view message);
  absl::Status Patch(const Context& ctx) { return writer_.Patch(ctx, status.Encode()); }

  void Event(runtime::Severity severity, absl::string_view reason, absl::string_view message);

  // Ends the reconciliation: events, conditions, observedGeneration, Ready (spec/source.md §7.3).
  // Does not patch.
  void Finish(const Outcome& outcome);
  // After the final patch: the event of a new artifact, or of a recovery (§7.6).
  void Notify(const Outcome& outcome);

 private:
  bool HadFailure() const;

  runtime::EventRecorder& events_;
  Clock& clock_;
  const Value object_;
  const absl::Time started_;
  const api::GitRepositoryStatus before_;
  runtime::StatusWriter writer_;
};

}  // namespace sluice::source_controller
