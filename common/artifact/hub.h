// Hub: tells subscribers of every artifact that a source publishes (architecture decision 3).
//
// Expected flow. Subscribe() gives a cursor; its first events are a snapshot of all artifacts, or,
// with a resume token that is still known, what was missed since; then a kSynced marker; then live
// events. Every event carries the token to resume after it.
// Guarantees. At least once, in order per object. Publishing never waits for a subscriber: one that
// falls behind by more than the log holds is told kResync and must subscribe anew.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/api/meta/artifact.h"
#include "common/api/meta/reference.h"
#include "common/base/context.h"

namespace sluice::artifact {

enum class EventType { kSnapshot, kSynced, kUpdated, kDeleted, kResync };

// What one object has published.
struct Publication {
  api::SourceReference source;
  std::string uid;
  std::string resource_version;
  int64_t generation = 0;
  api::Artifact artifact;
};

struct Event {
  EventType type = EventType::kUpdated;
  Publication publication;  // not for kSynced and kResync; without artifact for kDeleted
  bool complete = false;    // kSynced: what came before was a snapshot, not what was missed
  std::string resume_token;
};

struct Filter {
  std::vector<std::string> kinds;       // empty: all
  std::vector<std::string> namespaces;  // empty: all

  bool Matches(const api::SourceReference& source) const;
};

// Thread-safe.
class Hub {
 public:
  // `epoch` tells this hub's tokens from those of an earlier process; `log_size` is how many events
  // a subscriber may be behind.
  explicit Hub(std::string epoch, size_t log_size = 8192);

  // An artifact that is already the known one (revision, digest and URL) is not told again.
  void Publish(Publication publication);
  void Remove(const api::SourceReference& source);

  // Not thread-safe: one thread reads a subscription. The hub must outlive it.
  class Subscription {
   public:
    // The next event. Blocks; the context's error when it ends first.
    absl::StatusOr<Event> Next(const Context& ctx);

   private:
    friend class Hub;
    Subscription(Hub& hub, Filter filter) : hub_(hub), filter_(std::move(filter)) {}

    Hub& hub_;
    const Filter filter_;
    std::deque<Event> initial_;  // snapshot or missed events, then kSynced
    uint64_t next_ = 0;          // sequence number of the next live event
  };
  std::unique_ptr<Subscription> Subscribe(Filter filter, absl::string_view resume_token);

 private:
  std::string Token(uint64_t sequence) const;
  // The sequence number after `token`, if the log still holds everything from there.
  std::optional<uint64_t> ResumeFrom(absl::string_view token) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Append(Event event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string epoch_;
  const size_t log_size_;
  absl::Mutex mutex_;
  absl::CondVar published_;
  std::map<api::SourceReference, Publication> known_ ABSL_GUARDED_BY(mutex_);
  std::deque<Event> log_ ABSL_GUARDED_BY(mutex_);
  uint64_t first_ ABSL_GUARDED_BY(mutex_) = 1;  // sequence number of log_.front()
};

}  // namespace sluice::artifact
