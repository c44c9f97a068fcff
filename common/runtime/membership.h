// Membership: the replicas of one controller find one another through Leases and divide the objects
// among themselves (sharding/shares.h).
//
// Expected flow. Each replica renews a Lease of its own, which also carries the set of replicas
// that it goes by, and watches those of the others. One that comes is in everybody's set, and gets
// its part, as soon as the others have ended what they do with that part. One that stops deletes
// its Lease; one that dies, or is cut off, is out when its Lease runs out.
//
// Guarantees. No object is worked on by two replicas at once, provided that their clocks run at the
// same speed within 10 %:
//   - A set that takes an object from a replica is published by it only when it works on the object
//     no longer, and another works on it only having seen that (in the watch, up to its own last
//     write: events of one resource come in order).
//   - Whoever cannot renew stops when nine tenths of the lease have passed since the last renewal
//     was sent. The others wait for the whole lease since they saw that renewal, and then until
//     they have seen their own next write, so that no renewal before that can have escaped them.
// A request that was sent before a cancelled reconciliation ended may still reach the API server.
//
// Assumptions. The lease is short, so that the others take over within a second; when the API
// server answers slowly, the lease is made longer by itself, up to 15 s.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/runtime/informer.h"
#include "common/sharding/shares.h"

namespace sluice::runtime {

struct MembershipOptions {
  std::string ns;        // of the Leases
  std::string group;     // the replicas that share objects: "kustomize-controller"
  std::string identity;  // of this process, for people: "pod_uuid"
  absl::Duration lease_duration = absl::Milliseconds(750);  // the shortest
  // How long work on an object that goes to another replica may go on before it is cancelled.
  absl::Duration hand_over = absl::Seconds(5);
};

class Membership {
 public:
  // `client`, `shares` and `clock` must outlive it.
  Membership(MembershipOptions options, kube::Client& client, sharding::Shares& shares,
             Clock& clock);
  // Call when no work goes on any more: gives the share away.
  ~Membership();
  Membership(const Membership&) = delete;
  Membership& operator=(const Membership&) = delete;

  // Call once. Joins, and from then on keeps `shares` up to date.
  void Start();

 private:
  // What another replica's Lease says, and since when we know.
  struct Peer {
    uint64_t version = 0;
    std::string uid;
    sharding::Replicas set;
    absl::Duration lease;
    absl::Time seen;
  };
  // Our own Lease as it was last written. Only Run()'s thread has it.
  struct Own {
    std::string name;
    Value lease;  // null before the first write
    uint64_t version = 0;
    sharding::Replicas set;
    absl::Time sent = absl::InfinitePast();
    absl::Duration duration;
    // Until when we may work without a further renewal.
    absl::Time until() const { return sent + duration * 0.9; }
  };
  // What is known of the group at one moment.
  struct Group {
    std::vector<std::string> live;         // ourselves too
    std::vector<sharding::Replicas> sets;  // of all who may be working, ourselves too
    absl::Time next_expiry = absl::InfiniteFuture();
    std::map<std::string, std::string> dead;  // Leases that ran out, and their uids
    // Somebody's lease ran out after our last write was sent: we must see our next one first.
    bool wants_write = false;
    // The above holds; otherwise we may know less than we have published.
    bool certain = false;
  };

  void Run(const Context& ctx);
  // From joining until the Lease is lost or `ctx` ends.
  void TakePart(const Context& ctx, Own& own);
  // Creates or renews the Lease with `set` in it.
  absl::Status Write(const Context& ctx, const sharding::Replicas& set, Own& own);
  Group Look(const Own& own);
  void OnLease(const Change& change);
  // How many changes of Leases were seen.
  uint64_t Changes();
  // Until `when`, or until a Lease changes that is not among the first `changes`.
  void WaitUntil(absl::Time when, uint64_t changes);
  void Leave(const Own& own);
  // So that a newcomer need not wait to see that they are dead.
  void DeleteDead(const Context& ctx, const Group& group);

  const MembershipOptions options_;
  kube::Client& client_;
  sharding::Shares& shares_;
  Clock& clock_;
  std::vector<absl::Duration> answer_times_;  // of the last renewals
  absl::Mutex mutex_;
  absl::CondVar changed_;
  uint64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, Peer> leases_ ABSL_GUARDED_BY(mutex_);  // by name, our own too
  Informer informer_;
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace sluice::runtime
