// Leader election over a Lease, so that of several replicas one works.
//
// Expected flow. Acquire() blocks until the Lease is ours. From then on a thread renews it every
// retry period; when that fails for a whole renew deadline, `on_lost` is called, once, and the
// process is expected to end: others may lead already.
// Guarantees. Two processes with correct clocks never both hold the Lease: taking it over waits for
// a full lease duration in which its record did not change, measured by our own clock (as
// client-go's leaderelection does), and every write names the resourceVersion it read.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"

namespace sluice::runtime {

struct LeaderElectionOptions {
  std::string ns;
  std::string lease;     // "source-controller-leader-election"
  std::string identity;  // unique to this process
  absl::Duration lease_duration = absl::Seconds(35);
  absl::Duration renew_deadline = absl::Seconds(30);
  absl::Duration retry_period = absl::Seconds(5);
  bool release_on_cancel = true;
};

class LeaderElection {
 public:
  // `client` and `clock` must outlive it.
  LeaderElection(LeaderElectionOptions options, kube::Client& client, Clock& clock);
  // Stops renewing, and gives the Lease up if release_on_cancel.
  ~LeaderElection();

  // Blocks until this process leads; the context's error when it ends first.
  absl::Status Acquire(const Context& ctx, std::function<void()> on_lost);

 private:
  // Whether the Lease is ours now.
  absl::StatusOr<bool> TryOnce(const Context& ctx);
  void Renew(const Context& ctx);
  Value Record(const Value& previous, bool release) const;

  const LeaderElectionOptions options_;
  kube::Client& client_;
  Clock& clock_;
  std::string observed_version_;
  absl::Time observed_at_ = absl::InfinitePast();
  std::function<void()> on_lost_;
  bool leading_ = false;
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace sluice::runtime
