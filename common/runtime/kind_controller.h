// One kind of a controller process: its informer, its work loop, and the reconciler between them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "absl/strings/string_view.h"
#include "common/runtime/controller.h"
#include "common/runtime/informer.h"
#include "common/runtime/process.h"

namespace sluice::runtime {

// Members go down in reverse: first the informer stops waking, then the workers return.
class KindController {
 public:
  using MakeReconciler = std::function<std::unique_ptr<Reconciler>(const Store& store)>;

  // `process` must outlive it. `kind` is one of api::AllKinds().
  KindController(Process& process, absl::string_view kind, const MakeReconciler& make);
  ~KindController();
  KindController(const KindController&) = delete;
  KindController& operator=(const KindController&) = delete;

  Informer& informer() { return *informer_; }
  Controller& controller() { return *controller_; }

  // Fills the store.
  void StartInformer(const Context& ctx) { informer_->Start(ctx); }
  // Works; call when all informers that the reconciler reads are synced.
  void StartWorkers(const Context& ctx) { controller_->Start(ctx); }

 private:
  // Wakes what has become this replica's.
  void OnShareChange(const sharding::Share& before, const sharding::Share& now);

  sharding::Shares* const shares_;
  std::unique_ptr<Reconciler> reconciler_;
  std::unique_ptr<Controller> controller_;
  std::unique_ptr<Informer> informer_;
};

}  // namespace sluice::runtime
