// Tracer: the way of one revision from the fetch to healthy objects, as OpenTelemetry spans.
//
// Each controller reports its own part; that they belong together needs no coordination, because
// all ids follow from what every controller reads in the source's status:
//
//   trace         source, revision and time of publication
//   ├── GitRepository/flux-system/apps             (root)
//   │   ├── fetch, artifact
//   └── Kustomization/flux-system/apps             below the root
//       └── fetch, build, apply, healthy
//
// Spans are posted as OTLP/HTTP in JSON by a thread of the tracer's own. Where the collector is
// slow or away they are dropped, oldest first: tracing never delays a reconciliation.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/http/transport.h"
#include "common/value/value.h"

namespace sluice::trace {

// What was published, as the source's status says.
struct Revision {
  std::string source;  // "GitRepository/flux-system/apps"
  std::string revision;
  absl::Time published;  // lastUpdateTime; whole seconds count
};

struct Stage {
  std::string name;
  absl::Time start;
  absl::Time end;
};

// The stages of one attempt, one after the other. Not thread-safe.
class Timeline {
 public:
  // Ends the stage before.
  void Enter(absl::string_view stage, absl::Time now);
  // No stage goes on.
  void End(absl::Time now);
  const std::vector<Stage>& stages() const { return stages_; }

 private:
  std::vector<Stage> stages_;
  bool open_ = false;
};

// What a controller did for a revision. Several may be about the same object: an attempt that waits
// reports its stages, the one that completes the work also the object's own span.
struct Report {
  Revision revision;
  std::string object;  // "Kustomization/flux-system/apps"; the source itself: the root
  absl::Time start;    // of the object's span
  Timeline timeline;
  bool complete = true;
  absl::Status error;
};

struct TracerOptions {
  std::string endpoint;  // "http://collector:4318"; spans are posted to its path /v1/traces
  std::string service;   // "source-controller"
  std::string instance;  // the host's name
};

// Thread-safe.
class Tracer {
 public:
  // The most spans that wait to be posted.
  static constexpr size_t kMaxQueued = 4096;

  // `transport` and `clock` must outlive it.
  Tracer(TracerOptions options, http::Transport& transport, Clock& clock);
  // Posts what is queued for up to two seconds.
  ~Tracer();
  Tracer(const Tracer&) = delete;
  Tracer& operator=(const Tracer&) = delete;

  void Add(const Report& report);

 private:
  void Queue(Value span) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Run();
  absl::Status Post(const Context& ctx, Value::Array spans);

  const TracerOptions options_;
  http::Transport& transport_;
  Clock& clock_;
  absl::Mutex mutex_;
  std::deque<Value> queue_ ABSL_GUARDED_BY(mutex_);
  size_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace sluice::trace
