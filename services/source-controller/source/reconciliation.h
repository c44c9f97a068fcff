// One reconciliation of one source: the steps that all kinds share (spec/source.md §7). A kind
// derives from it, reads its own part of spec and status, and says how to publish.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/api/meta/reference.h"
#include "common/api/source/source_status.h"
#include "common/runtime/status_writer.h"
#include "services/source-controller/source/collaborators.h"
#include "services/source-controller/source/kind.h"
#include "services/source-controller/source/outcome.h"

namespace sluice::source_controller {

// Not thread-safe. Made for one object as it was read, and used once: Run() or Remove().
class Reconciliation {
 public:
  // `kind` and what `with` refers to must outlive it.
  Reconciliation(const SourceKind& kind, const Collaborators& with, Value object);
  virtual ~Reconciliation() = default;
  Reconciliation(const Reconciliation&) = delete;
  Reconciliation& operator=(const Reconciliation&) = delete;

  const Value& object() const { return object_; }

  // Publishes what the spec names and writes the status. The outcome is there for choosing when to
  // run again; an error is one of the last write.
  absl::StatusOr<Outcome> Run(const Context& ctx);
  // Forgets a deleted object's artifacts and lets it go (§2.9).
  absl::Status Remove(const Context& ctx);

  // spec.interval, once Run() has read it.
  absl::Duration interval() const { return interval_; }
  // As Run() left them.
  const api::Conditions& conditions() const { return status_.conditions; }

 protected:
  // Reads `spec` into the kind's own form. kInvalidArgument naming the field.
  virtual absl::Status ReadSpec(const Value& spec) = 0;
  // Everything between the check of the storage and the final patch.
  virtual Outcome Publish(const Context& ctx) = 0;
  // Adds the kind's own fields to `status`.
  virtual void EncodeObserved(Value& status) const = 0;
  // The event that tells of a new artifact, or of the end of a failure.
  virtual std::string ArtifactEventMessage() const = 0;
  virtual absl::string_view ArtifactEventReason() const { return "NewArtifact"; }
  virtual absl::string_view RecoveryEventReason() const { return "Succeeded"; }

  kube::ObjectKey key() const;
  api::SourceReference source() const { return {kind_.name, key()}; }
  int64_t generation() const;
  const Collaborators& with() const { return with_; }
  api::SourceStatus& status() { return status_; }
  const api::SourceStatus& status() const { return status_; }

  void Set(absl::string_view type, api::ConditionStatus condition, absl::string_view reason,
           absl::string_view message);
  void Delete(absl::string_view type) { status_.conditions.Delete(type); }
  // Records `type`=True as the reason of a failure and gives the outcome.
  Outcome Fail(absl::string_view type, absl::string_view reason, const absl::Status& error);
  Outcome Stall(absl::string_view type, absl::string_view reason, const absl::Status& error);

  // Reconciling=True with `message`; Ready=Unknown too if the object drifts from what it was
  // (`drift`), has no Ready, or is Unknown already. Does not patch.
  void Progress(bool drift, absl::string_view message);
  // Tells the world that upstream has something new: ArtifactOutdated with `reason` if there is an
  // artifact already, and progress. Patches.
  absl::Status AnnounceNew(const Context& ctx, absl::string_view reason, absl::string_view message);
  // The artifact in storage is what spec and upstream say.
  void MarkStored(absl::string_view reason, absl::string_view message);
  // Points the stable link `name` at `artifact` and records its URL. A failure is an event only.
  void PublishLink(const Context& ctx, const api::Artifact& artifact, absl::string_view name);
  absl::Status Patch(const Context& ctx);

  void Event(runtime::Severity severity, absl::string_view reason, absl::string_view message);

 private:
  // The outcome of everything before the final patch.
  Outcome Attempt(const Context& ctx);
  absl::Status ShowProgress(const Context& ctx);
  // Is what the status says still in storage (§2.7)? An error if that cannot be told now.
  absl::Status CheckStorage(const Context& ctx);
  // Ends the reconciliation: events, conditions, observedGeneration, Ready (§7.3).
  void Finish(const Outcome& outcome);
  // After the final patch: the event of a new artifact, or of a recovery (§7.6).
  void Notify(const Outcome& outcome);
  bool HadFailure() const;
  // Reports the way of a new artifact.
  void Trace();

  const SourceKind& kind_;
  const Collaborators& with_;
  const Value object_;
  const api::SourceStatus before_;
  api::SourceStatus status_;  // what the object's status is to become
  absl::Duration interval_;
  const absl::Time started_;
  trace::Timeline timeline_;
  runtime::StatusWriter writer_;
};

}  // namespace sluice::source_controller
