// Shares: which objects this replica works on now, and the work that goes on.
//
// Each replica publishes the set of replicas that it goes by (see runtime/membership.h). While sets
// differ, an object is worked on only by a replica to which every published set gives it, and a
// replica publishes a new set only when it works on nothing that the set takes from it. So an
// object is never worked on by two, and one that stays where it is is worked on throughout.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/object_key.h"
#include "common/sharding/replicas.h"

namespace sluice::sharding {

// What is this replica's: whatever each of the sets gives it. Nothing without a set. Immutable.
class Share {
 public:
  Share() = default;
  Share(std::string self, std::vector<Replicas> sets);

  bool Owns(absl::string_view kind, const kube::ObjectKey& object) const;

  friend bool operator==(const Share& a, const Share& b) = default;

 private:
  std::string self_;
  std::vector<Replicas> sets_;  // each once
};

// Thread-safe. `clock` must outlive it.
class Shares {
 public:
  // Told, from the thread of Set(), of what was this replica's and what is. Must not wait for work,
  // nor call Set(), Add() or Remove().
  using OnChange = std::function<void(const Share& before, const Share& now)>;

  explicit Shares(Clock& clock) : clock_(clock) {}

  // Tells `who` from now on, and no longer, once Remove() has returned.
  void Add(const void* who, OnChange on_change);
  void Remove(const void* who);

  // One piece of work; the share stays with it until it is destroyed.
  class Claim;
  // nullptr if the object is not this replica's, or no longer for certain. Work with the claim's
  // context, which is cancelled when the object has to be let go.
  std::unique_ptr<Claim> Begin(const Context& ctx, absl::string_view kind,
                               const kube::ObjectKey& object);

  // This replica owns `share` until `until`, unless told otherwise. A share without sets: nothing,
  // and what goes on is cancelled.
  void Set(Share share, absl::Time until);
  // The same share for longer.
  void Extend(absl::Time until);

  // How much work goes on that `share` does not own. With `cancel` it is told to end.
  size_t Outside(const Share& share, bool cancel);

 private:
  struct Work {
    std::string kind;
    kube::ObjectKey object;
    std::stop_source stop;
  };

  Clock& clock_;
  absl::Mutex telling_;  // taken before mutex_
  std::map<const void*, OnChange> on_change_ ABSL_GUARDED_BY(telling_);
  absl::Mutex mutex_;
  Share share_ ABSL_GUARDED_BY(mutex_);
  absl::Time until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::list<Work> work_ ABSL_GUARDED_BY(mutex_);
};

class Shares::Claim {
 public:
  ~Claim();
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  const Context& context() const { return context_; }

 private:
  friend class Shares;
  Claim(Shares& shares, std::list<Work>::iterator work, Context context)
      : shares_(shares), work_(work), context_(std::move(context)) {}

  Shares& shares_;
  const std::list<Work>::iterator work_;
  const Context context_;
};

}  // namespace sluice::sharding
