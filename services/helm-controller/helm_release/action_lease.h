// ActionLease: tells other processes that this one is in the middle of actions, and tells of others
// whether they are.
//
// Expected flow. Whoever acts on a release holds the lease meanwhile; all actions of a process
// share one Lease object, renewed by a thread as long as there is any. Every revision names the
// process that wrote it last (helm_release::Intent). Who finds a revision pending asks Remaining()
// of that process, comes back after so long, and repairs the release when nothing remains.
// Guarantees. A process that is at work and renews its lease is left alone; one that is not is
// found out after at most kDuration of watching it, by our own clock, so that clocks need not
// agree. Assumptions. One call per release at a time: what is pending in our own name was left
// behind.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"

namespace sluice::helm_controller {

// Thread-safe.
class ActionLease {
 public:
  static constexpr absl::Duration kDuration = absl::Seconds(2);

  // `ns` is where Leases are kept, `instance` the name of this process. `client` and `clock` must
  // outlive it.
  ActionLease(kube::Client& client, std::string ns, std::string instance, Clock& clock);
  // Deletes the Lease, if it can.
  ~ActionLease();

  const std::string& instance() const { return instance_; }

  // Ends the holding when it goes.
  struct Release {
    void operator()(ActionLease* lease) const;
  };
  using Held = std::unique_ptr<ActionLease, Release>;

  // Others see that we are at work until the result goes. An error if nobody can be told.
  absl::StatusOr<Held> Hold(const Context& ctx);

  // For how long what `instance` left pending has to be left alone at least; 0: it is not at work.
  absl::StatusOr<absl::Duration> Remaining(const Context& ctx, const std::string& instance);

 private:
  struct Sighting {
    std::string version;
    absl::Time since;
  };

  void Run(const Context& ctx);
  absl::Status Renew(const Context& ctx);
  kube::ObjectKey KeyOf(const std::string& instance) const;

  kube::Client& client_;
  const std::string ns_;
  const std::string instance_;
  Clock& clock_;
  absl::Mutex mutex_;
  int holders_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time renewed_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int64_t attempts_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);  // of the last attempt
  absl::flat_hash_map<std::string, Sighting> others_ ABSL_GUARDED_BY(mutex_);
  std::stop_source stop_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace sluice::helm_controller
