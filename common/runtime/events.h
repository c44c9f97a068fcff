// EventRecorder: tells people and other tools what happened to an object.
//
// An event becomes a Kubernetes Event and, unless it is a trace, an HTTP POST to --events-addr in
// the format of Flux's notification-controller (spec/notification.md §4). Both happen on threads of
// the recorder's own, each in order, so that reporting never delays or fails a reconciliation, and
// an unreachable receiver does not hold up Kubernetes Events.
//
// Kubernetes Events are held down as client-go's correlator does: repeats of one are counted in it,
// and of an object's events 25 are written at once and then one every five minutes. Posts are not:
// the receiver limits them itself, and answers repeats with 429.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
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

  // The most events that wait to be written, and to be posted; more are dropped, oldest first, and
  // counted in a log line.
  static constexpr size_t kMaxQueued = 4096;
  // Kubernetes Events about one object: how many at once, and how long until there may be one more.
  static constexpr double kBurst = 25;
  static constexpr absl::Duration kRefill = absl::Minutes(5);

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
  class Outbox;

  absl::Status WriteKubernetesEvent(const Context& ctx, const Event& event);
  absl::Status Post(const Context& ctx, const Event& event);
  // Whether one more Kubernetes Event about the object is to be written now.
  bool Admit(const std::string& uid, absl::Time now);

  struct Known {  // an Event object that a repeat only counts up
    std::string name;
    int64_t count;
  };
  struct Allowance {
    double left = kBurst;
    absl::Time when;
  };

  const EventRecorderOptions options_;
  kube::Client& client_;
  http::Transport* const transport_;
  Clock& clock_;
  // Only used by the thread that writes.
  std::map<std::string, Known> known_;
  std::map<std::string, Allowance> allowances_;  // by uid
  std::unique_ptr<Outbox> write_;
  std::unique_ptr<Outbox> post_;  // null without an address
};

}  // namespace sluice::runtime
