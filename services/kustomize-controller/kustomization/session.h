// Session: one reconciliation of one Kustomization, with the status it is building up.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/api/kustomize/kustomization.h"
#include "common/base/clock.h"
#include "common/kube/client.h"
#include "common/runtime/events.h"
#include "common/runtime/status_writer.h"
#include "common/trace/tracer.h"

namespace sluice::kustomize_controller {

// The condition types that this controller owns.
inline constexpr absl::string_view kOwnedConditions[] = {"Ready", "Reconciling", "Stalled",
                                                         "Healthy"};
// Field manager of writes to the Kustomization itself.
inline constexpr char kStatusManager[] = "gotk-kustomize-controller";

// Not thread-safe. Its collaborators must outlive it.
class Session {
 public:
  Session(kube::Client& client, runtime::EventRecorder& events, Clock& clock, Value object);

  const Value& object() const { return object_; }
  kube::ObjectKey key() const;
  int64_t generation() const;
  absl::Time started() const { return started_; }
  // This goes on with a reconciliation that began earlier.
  void set_started(absl::Time started) { started_ = started; }
  absl::Duration elapsed() const { return clock_.Now() - started_; }
  Clock& clock() { return clock_; }

  api::KustomizationSpec spec;      // filled in once decoded
  api::KustomizationStatus status;  // what the object's status is to become
  std::string revision;             // of the artifact being applied; "" until it is known
  std::string origin_revision;
  trace::Timeline timeline;

  // Sets a condition for the current generation.
  void Set(absl::string_view type, api::ConditionStatus condition, absl::string_view reason,
           absl::string_view message);
  void Ready(api::ConditionStatus condition, absl::string_view reason, absl::string_view message) {
    Set("Ready", condition, reason, message);
  }
  // Ready=False and Stalled=True: only a change of the object helps.
  void Stall(absl::string_view reason, absl::string_view message);
  // Reconciling=True with `message`, and Ready=Unknown; nothing when this run only confirms what
  // was already applied, so that a healthy object does not flicker at every interval. It is written
  // at once if this run takes, or is going to take, long enough for anybody to see it; otherwise
  // with the next patch.
  absl::Status Progress(const Context& ctx, absl::string_view message, bool takes_long = false);
  // The same, unconditionally, and without writing it.
  void SetProgress(absl::string_view message);
  // Of the object as it was found.
  bool was_healthy() const { return was_healthy_; }
  // Whether this run has something to show for: another revision, generation or a request.
  bool has_news() const;

  absl::Status Patch(const Context& ctx);
  // Of the object as it was found, or as the last patch left it.
  const std::string& resource_version() const { return writer_.resource_version(); }
  // An event under the reason of Ready, with the revision as metadata.
  void Event(runtime::Severity severity, absl::string_view message, bool commit_status = false);

 private:
  runtime::EventRecorder& events_;
  Clock& clock_;
  const Value object_;
  absl::Time started_;
  bool was_healthy_ = false;
  absl::Time patched_;
  runtime::StatusWriter writer_;
};

}  // namespace sluice::kustomize_controller
