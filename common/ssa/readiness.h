// Are these objects ready? Looked at once, for whoever comes back when something has changed, or
// waited for (spec/kustomize.md §5.2).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/ssa/applied_memo.h"
#include "common/ssa/kstatus.h"
#include "common/ssa/live_view.h"
#include "common/ssa/object_id.h"

namespace sluice::ssa {

struct WatchedObject {
  ObjectId id;
  kube::Resource resource;
  // A Job that is deleted as soon as it is done: being gone is being ready.
  bool vanishes = false;
  // What a LiveView shows of it counts from this resourceVersion on: that of our own last write.
  uint64_t since = 0;
};

// What a check found of one object.
struct Observation {
  Readiness readiness = Readiness::kUnknown;
  std::string error;     // why it is kUnknown
  bool watched = false;  // a LiveView tells of changes; otherwise it has to be looked at again
};

struct ReadinessOptions {
  // Null: every object is read. With `memo`, what the view shows counts only where it has caught up
  // with our own writes.
  LiveView* live = nullptr;
  const AppliedMemo* memo = nullptr;
  // Decides instead of kstatus where it has a rule for the object's kind; such objects are read.
  // Null: kstatus for all. An error is shown, and the object kUnknown.
  std::function<bool(const kube::GroupVersionKind&)> has_rule;
  std::function<absl::StatusOr<Readiness>(const Value& live)> rule;
  bool fail_fast = true;  // one object that has failed decides
};

class ReadinessReport {
 public:
  ReadinessReport(std::span<const WatchedObject> objects, std::vector<Observation> observations,
                  bool fail_fast)
      : objects_(objects), observations_(std::move(observations)), fail_fast_(fail_fast) {}

  bool AllCurrent() const;
  // Whether waiting longer is pointless: one failed, or all have come to an end.
  bool HasFailed() const;
  // Whether somebody has to look again, since no watch tells of all that is not ready.
  bool NeedsPolling() const;
  // kFailedPrecondition, worded "failed early due to stalled resources: […]".
  absl::Status Failure() const;
  // kDeadlineExceeded, worded "timeout waiting for: [<Kind/ns/name> status: '<status>', …]".
  absl::Status Timeout() const;

 private:
  size_t Count(Readiness readiness) const;
  std::string Describe(bool only_failed) const;

  std::span<const WatchedObject> objects_;
  std::vector<Observation> observations_;
  const bool fail_fast_;
};

// One look. `objects` must outlive the report.
ReadinessReport CheckReadiness(const Context& ctx, kube::Client& client,
                               std::span<const WatchedObject> objects,
                               const ReadinessOptions& options, absl::Time now);

// Looks at growing intervals of at most `poll` until all are Current (OK), or with the report's
// Failure() or, when the context's deadline passes, Timeout(); kCancelled with the context.
absl::Status WaitForReadiness(const Context& ctx, kube::Client& client,
                              std::span<const WatchedObject> objects,
                              const ReadinessOptions& options, absl::Duration poll, Clock& clock);

}  // namespace sluice::ssa
