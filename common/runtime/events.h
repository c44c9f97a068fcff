// EventRecorder: tells people and other tools what happened to an object.
//
// An event becomes a Kubernetes Event (repeats of one are counted in it, as client-go does) and,
// unless it is a trace, an HTTP POST to --events-addr in the format of Flux's
// notification-controller (spec/notification.md). Both happen on a thread of the recorder's own, in
// order, so that reporting never delays or fails a reconciliation.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/http/transport.h"
#include "common/kube/client.h"

namespace sluice::runtime {

enum class Severity {
  kTrace,  // a Normal Kubernetes Event only
  kInfo,
  kError,  // a Warning
};

struct EventRecorderOptions {
  std::string controller;      // "source-controller"
  std::string instance;        // the host's name
  std::string events_address;  // --events-addr; empty: Kubernetes Events only
};

// Thread-safe.
class EventRecorder {
 public:
  using Metadata = std::map<std::string, std::string>;

  // The most events that wait to be sent; more are dropped, oldest first, and counted in a log
  // line.
  static constexpr size_t kMaxQueued = 4096;

  // `client` and `clock` must outlive the recorder; `transport` too, it may be null when there is
  // no events address.
  EventRecorder(EventRecorderOptions options, kube::Client& client, http::Transport* transport,
                Clock& clock);
  // Sends what is queued for up to two seconds.
  ~EventRecorder();
  EventRecorder(const EventRecorder&) = delete;
  EventRecorder& operator=(const EventRecorder&) = delete;

  // Queues an event about `object`. `metadata` keys carry their group prefix
  // ("source.toolkit.fluxcd.io/revision"); annotations of the object that begin with
  // event.toolkit.fluxcd.io/ are added.
  void Record(const Value& object, Severity severity, absl::string_view reason,
              absl::string_view message, Metadata metadata = {});

 private:
  struct Event;
  struct Known {  // an Event object that a repeat only counts up
    std::string name;
    int64_t count;
    absl::Time first;
  };

  void Run(const Context& ctx);
  void Send(const Context& ctx, const Event& event);
  absl::Status WriteKubernetesEvent(const Context& ctx, const Event& event);
  absl::Status Post(const Context& ctx, const Event& event);

  const EventRecorderOptions options_;
  kube::Client& client_;
  http::Transport* const transport_;
  Clock& clock_;
  std::map<std::string, Known> known_;  // only used by the thread
  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<Event> queue_ ABSL_GUARDED_BY(mutex_);
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  int64_t dropped_ ABSL_GUARDED_BY(mutex_) = 0;
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace sluice::runtime
