// Informer: keeps a Store equal to what the API server has, and tells of every change.
//
//           list                 watch
//   kList ────────► kWatch ◄──────────────► kWatch     the server ends a watch: watch again
//     ▲               │ 410 Gone, or an error while behind
//     └───────────────┘                                list anew
//
// Guarantees. After the first list WaitForSync() returns and the store is complete. Every
// difference between two states of the store is told exactly once, in order, from one thread;
// states in between may be skipped. A relist is swapped in whole. Assumptions. Handlers are quick
// (they push keys into a queue) and do not call the informer.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/synchronization/notification.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/runtime/store.h"

namespace sluice::runtime {

struct InformerOptions {
  std::string ns;              // empty: all namespaces
  std::string label_selector;  // --watch-label-selector
  std::string field_selector;
};

// `before` is null for an added object, `after` for a deleted one.
struct Change {
  kube::ObjectPtr before;
  kube::ObjectPtr after;

  const Value& object() const { return after != nullptr ? *after : *before; }
};

class Informer {
 public:
  using Handler = std::function<void(const Change&)>;

  // `client` and `clock` must outlive the informer.
  Informer(kube::Client& client, kube::Resource resource, InformerOptions options, Clock& clock);
  ~Informer();
  Informer(const Informer&) = delete;
  Informer& operator=(const Informer&) = delete;

  // Before Start().
  void AddHandler(Handler handler) { handlers_.push_back(std::move(handler)); }
  void Start(const Context& ctx);
  // OK once the first list is in the store, or once it is certain that the API server does not
  // serve the kind (its CRD may come later, and with it the objects). ctx.Check()'s error when the
  // context ends first.
  absl::Status WaitForSync(const Context& ctx);

  const Store& store() const { return store_; }
  const kube::Resource& resource() const { return resource_; }

 private:
  void Run(const Context& ctx);
  // One list; the version to watch from.
  absl::StatusOr<std::string> Relist(const Context& ctx);
  // Watches until the server ends it; `version` moves along.
  absl::Status WatchOnce(const Context& ctx, std::string& version);
  void Tell(const Change& change);

  kube::Client& client_;
  const kube::Resource resource_;
  const InformerOptions options_;
  Clock& clock_;
  Store store_;
  std::vector<Handler> handlers_;
  absl::Notification synced_;
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace sluice::runtime
