// Objects of several kinds, kept current by watches.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "cli/connection.h"
#include "cli/kinds.h"
#include "common/runtime/informer.h"

namespace sluice::cli {

// The kinds among `views` that the cluster serves: without CRDs there is nothing to show. An error
// only if the cluster cannot be asked.
absl::StatusOr<std::vector<const KindView*>> Served(const Context& ctx, Connection& connection,
                                                    std::span<const KindView* const> views);

// Sorted by namespace and name.
void SortByName(std::vector<kube::ObjectPtr>& objects);

// One object and the kind it is shown as; `gone` after its deletion.
struct LiveChange {
  const KindView* view = nullptr;
  kube::ObjectPtr object;
  bool gone = false;
};

// Thread-safe. The connection must outlive it.
class LiveObjects {
 public:
  LiveObjects(Connection& connection, std::span<const KindView* const> views,
              const runtime::InformerOptions& options);

  // OK when all are listed once, which may take `timeout`; they are watched until `ctx` ends.
  absl::Status Start(const Context& ctx, absl::Duration timeout);

  std::vector<kube::ObjectPtr> List(const KindView& view) const;

  // Changes since the last call, oldest first; empty if none came until `deadline`.
  std::vector<LiveChange> Wait(const Context& ctx, absl::Time deadline);

 private:
  struct Watched {
    const KindView* view;
    std::unique_ptr<runtime::Informer> informer;
  };

  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::vector<LiveChange> changes_ ABSL_GUARDED_BY(mutex_);
  std::vector<Watched> watched_;  // last: stops before what its handlers use goes away
};

}  // namespace sluice::cli
