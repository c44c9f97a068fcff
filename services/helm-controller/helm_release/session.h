// Session: one reconciliation of one HelmRelease: the object, the status it is to get, and the
// events about it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "common/api/helm/helm_release.h"
#include "common/base/clock.h"
#include "common/helm_release/record.h"
#include "common/kube/client.h"
#include "common/runtime/events.h"
#include "common/runtime/status_writer.h"
#include "common/trace/tracer.h"
#include "common/value/secret_texts.h"

namespace sluice::helm_controller {

inline constexpr absl::string_view kOwnedConditions[] = {
    "Ready", "Released", "TestSuccess", "Remediated", "Drifted", "Reconciling", "Stalled"};

// Not thread-safe.
class Session {
 public:
  // `client`, `events` and `clock` must outlive it.
  Session(kube::Client& client, runtime::EventRecorder& events, Clock& clock, Value object);

  const Value& object() const { return object_; }
  kube::ObjectKey key() const;
  int64_t generation() const;
  Clock& clock() { return clock_; }

  api::HelmReleaseSpec spec;      // filled in once decoded
  api::HelmReleaseStatus status;  // what the object's status is to become
  trace::Timeline timeline;
  std::string digest_algorithm = "sha256";  // of the digests that snapshots get
  value::SecretTexts secrets;               // in no condition, event or error

  // Sets a condition for the current generation.
  void Set(absl::string_view type, api::ConditionStatus condition, absl::string_view reason,
           absl::string_view message);
  void Ready(api::ConditionStatus condition, absl::string_view reason, absl::string_view message) {
    Set("Ready", condition, reason, message);
  }
  absl::Status Untold(const absl::Status& error) const;
  // Stalled=True, and no longer Reconciling.
  void Stall(absl::string_view reason, absl::string_view message);
  // Reconciling=True, and no longer Stalled.
  void Reconciling(absl::string_view reason, absl::string_view message);
  // A prerequisite is met: if Ready=False was for `reason`, it is Unknown again.
  void Passed(absl::string_view reason);

  // Ready becomes what the newest of Remediated, TestSuccess and Released says
  // (spec/helm.md §2.16), and the digests of the spec's parts are noted.
  void Summarize();

  absl::Status Patch(const Context& ctx);
  // Of the object as it was read, or as the last patch left it.
  const std::string& resource_version() const { return writer_.resource_version(); }

  // The chart and values that events tell of; of `snapshot`, or of what is attempted.
  runtime::EventRecorder::Metadata MetadataOf(const api::Snapshot& snapshot) const;
  void Event(runtime::Severity severity, absl::string_view reason, absl::string_view message,
             runtime::EventRecorder::Metadata metadata = {});

  // The digests of spec.postRenderers and spec.commonMetadata; "" for parts that are absent.
  std::string PostRenderersDigest() const;
  std::string CommonMetadataDigest() const;

 private:
  runtime::EventRecorder& events_;
  Clock& clock_;
  const Value object_;
  runtime::StatusWriter writer_;
};

// What a snapshot says of a record, without its action.
api::Snapshot SnapshotOf(const helm_release::Record& record, const std::string& oci_digest,
                         const std::string& config_digest, const std::string& digest_algorithm);

}  // namespace sluice::helm_controller
