// The contract between a controller's work loop and the code that makes the world match one object.
//
// A key reaches Reconcile() because a watched object changed, a requeue fell due, or a back-off
// ended. The loop (runtime/controller.h) promises:
//
//   - one call per key at a time; a key woken while it runs is run once more afterwards;
//   - wakes are merged and the earliest due time wins, so a call is never told why it was made:
//     it reads the state it needs;
//   - an error is retried with a back-off per key that the first success resets;
//   - on shutdown `ctx` is cancelled and the loop waits for running calls to return.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/kube/object_key.h"

namespace sluice::runtime {

// When a key that was reconciled without error should run again.
class [[nodiscard]] Action {
 public:
  // After `delay` at the latest, sooner if a watched object changes.
  static Action After(absl::Duration delay) { return Action(delay, false); }

  // At once, but held back by the key's back-off, so that a loop cannot spin.
  static Action Again() { return Action(absl::ZeroDuration(), true); }

  // Only when a watched object changes. For results that trying again cannot improve: the object is
  // gone, suspended, or Stalled until someone edits its spec.
  static Action AwaitChange() { return Action(absl::InfiniteDuration(), false); }

  absl::Duration delay() const { return delay_; }
  bool rate_limited() const { return rate_limited_; }

 private:
  Action(absl::Duration delay, bool rate_limited) : delay_(delay), rate_limited_(rate_limited) {}

  absl::Duration delay_;
  bool rate_limited_;
};

class Reconciler {
 public:
  virtual ~Reconciler() = default;

  // Brings the world in line with the object named `key`, which may be gone by now. Called from
  // several threads at once, for different keys.
  //
  // Idempotent, and safe to abandon at any point: the next call starts from what it observes.
  // Everything that blocks is given `ctx`.
  //
  // An error means "trying again may help". The loop logs it once with the key and the attempt id,
  // counts it, and backs off; the reconciler has already put it in the object's conditions.
  virtual absl::StatusOr<Action> Reconcile(const Context& ctx, const kube::ObjectKey& key) = 0;

  // Another replica may have worked on `key` since the last call: what is remembered of the object
  // between calls no longer holds. Not while a call for `key` runs.
  virtual void Forget(const kube::ObjectKey& /*key*/) {}
};

}  // namespace sluice::runtime
