// Reflector: follows all objects of one resource on the API server, by list and watch, and hands
// them to a sink.
//
//           list                 watch
//   kList ────────► kWatch ◄──────────────► kWatch     the server ends a watch: watch again
//     ▲               │ 410 Gone, or an error while behind
//     └───────────────┘                                list anew
//
// What fails, and a watch that ends as soon as it has begun, is tried again after a wait that
// doubles, from 200 ms to 30 s.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/notification.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"

namespace sluice::runtime {

struct ReflectorOptions {
  std::string ns;              // empty: all namespaces
  std::string label_selector;  // --watch-label-selector
  std::string field_selector;
};

class Reflector {
 public:
  // Called from one thread. A list is complete, and its objects take the place of all before, with
  // EndList(); a list that breaks off begins anew.
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void BeginList() = 0;
    virtual void Listed(Value object) = 0;
    virtual void EndList() = 0;
    virtual void Put(Value object) = 0;
    virtual void Removed(Value object) = 0;
  };

  // `client`, `sink` and `clock` must outlive the reflector.
  Reflector(kube::Client& client, kube::Resource resource, ReflectorOptions options, Sink& sink,
            Clock& clock);
  // Waits for the thread.
  ~Reflector();
  Reflector(const Reflector&) = delete;
  Reflector& operator=(const Reflector&) = delete;

  // Call once.
  void Start(const Context& ctx);
  // Once the first list is complete, or once it is certain that the API server does not serve the
  // kind (its CRD may come later, and with it the objects).
  bool synced() const { return synced_.HasBeenNotified(); }
  // OK when synced(); ctx.Check()'s error when the context ends first.
  absl::Status WaitForSync(const Context& ctx);

  const kube::Resource& resource() const { return resource_; }

 private:
  void Run(const Context& ctx);
  // One list; the version to watch from.
  absl::StatusOr<std::string> List(const Context& ctx);
  // Watches until the server ends it; `version` moves along.
  absl::Status WatchOnce(const Context& ctx, std::string& version);

  kube::Client& client_;
  const kube::Resource resource_;
  const ReflectorOptions options_;
  Sink& sink_;
  Clock& clock_;
  absl::Notification synced_;
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace sluice::runtime
