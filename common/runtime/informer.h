// Informer: keeps a Store equal to what the API server has, and tells of every change.
//
// Guarantees. After the first list WaitForSync() returns and the store is complete. Every
// difference between two states of the store is told exactly once, in order, from one thread;
// states in between may be skipped. A relist is swapped in whole. Assumptions. Handlers are quick
// (they push keys into a queue) and do not call the informer.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/runtime/reflector.h"
#include "common/runtime/store.h"

namespace sluice::runtime {

using InformerOptions = ReflectorOptions;

// `before` is null for an added object, `after` for a deleted one.
struct Change {
  kube::ObjectPtr before;
  kube::ObjectPtr after;

  const Value& object() const { return after != nullptr ? *after : *before; }
};

// The store's objects have no metadata.managedFields: nobody reads them there, and they are half of
// most objects.
class Informer : private Reflector::Sink {
 public:
  using Handler = std::function<void(const Change&)>;

  // `client` and `clock` must outlive the informer.
  Informer(kube::Client& client, kube::Resource resource, InformerOptions options, Clock& clock);

  // Before Start().
  void AddHandler(Handler handler) { handlers_.push_back(std::move(handler)); }
  void Start(const Context& ctx) { reflector_.Start(ctx); }
  // As the reflector's.
  absl::Status WaitForSync(const Context& ctx) { return reflector_.WaitForSync(ctx); }

  const Store& store() const { return store_; }
  const kube::Resource& resource() const { return reflector_.resource(); }

 private:
  void BeginList() override { listed_.clear(); }
  void Listed(Value object) override;
  void EndList() override;
  void Put(Value object) override;
  void Removed(Value object) override;
  void Tell(const Change& change);

  Store store_;
  Store::Map listed_;  // of the list under way
  std::vector<Handler> handlers_;
  Reflector reflector_;  // last: its thread ends before what it uses
};

}  // namespace sluice::runtime
