// An HTTP proxy in front of one server, which misbehaves when it is told to.
//
//   FaultProxy proxy({.url = registry.url()});
//   proxy.Begin(Instead(hostile::Reply(503, {}, "")));
//   ... clients of proxy.url() see the fault ...
//   proxy.End();
//
// Every connection carries one request. Answers are passed on as they come, watches included.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/http/client.h"
#include "common/http/transport.h"
#include "tests/hostile/server.h"

namespace sluice::faults {

using hostile::Answer;
using hostile::Seen;

struct Upstream {
  std::string url;  // "https://127.0.0.1:6443"
  http::TlsOptions tls;
  std::string authorization;  // the field that is added to every request; "" for none
};

// What is done to one request.
struct Harm {
  hostile::Behaviour instead = nullptr;         // answers in the server's place
  absl::Duration delay = absl::ZeroDuration();  // before the server is asked
  enum class Body { kWhole, kCut, kDrip, kHang } body = Body::kWhole;  // of the server's answer
};
// Decides on each request. Runs in the connections' threads.
using Fault = std::function<Harm(const Seen& seen)>;

// For all requests: the same answer; the server's answer with its body in half, a byte at a time,
// or never; the server's answer late.
Fault Instead(hostile::Behaviour behaviour);
Fault Mangle(Harm::Body body);
Fault Delay(absl::Duration delay);

// Of the Kubernetes API.
bool IsWatch(const Seen& seen);

// Resets the connection without an answer.
hostile::Behaviour Reset();

class FaultProxy {
 public:
  explicit FaultProxy(Upstream upstream);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  // "http://127.0.0.1:<port>"
  std::string url() const { return server_.url(); }

  void Begin(Fault fault);
  void End() { Begin(nullptr); }
  // What is being answered now breaks off; or says nothing more and stays open.
  void CutStreams();
  void StallStreams();

  // How many watches are passed on, and have been for a second: those that have come to rest.
  int settled_watches() const;
  // How many requests have come so far.
  int requests() const { return requests_; }

 private:
  // Those that are answered now; exchanged when they are cut or stalled.
  struct Streams {
    std::stop_source cut;
    std::atomic<bool> stalled = false;
  };
  void Handle(const Seen& seen, Answer& answer);
  void PassOn(const Streams& streams, const Seen& seen, Harm::Body body, Answer& answer);

  const Upstream upstream_;
  const std::unique_ptr<http::Transport> transport_;
  std::atomic<int> requests_ = 0;
  mutable absl::Mutex mutex_;
  std::multiset<absl::Time> watches_ ABSL_GUARDED_BY(mutex_);  // when they began
  Fault fault_ ABSL_GUARDED_BY(mutex_);
  std::shared_ptr<Streams> streams_ ABSL_GUARDED_BY(mutex_) = std::make_shared<Streams>();
  std::vector<std::shared_ptr<Streams>> stalled_ ABSL_GUARDED_BY(mutex_);
  hostile::Server server_;  // last: its threads use the rest
};

}  // namespace sluice::faults
