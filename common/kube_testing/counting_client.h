// A client that notes what is asked.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/kube/client.h"

namespace sluice::kube_testing {

// Thread-safe. `inner` must outlive it.
class CountingClient : public kube::Client {
 public:
  explicit CountingClient(kube::Client& inner) : inner_(inner) {}

  absl::StatusOr<Value> Do(const Context& ctx, const kube::ApiRequest& request) override;
  absl::Status WatchStream(const Context& ctx, const kube::ApiRequest& request,
                           const std::function<absl::Status(kube::WatchEvent)>& on_event) override;

  // What was asked since the last call, as "METHOD path", dry runs with "?dryRun" at the end.
  std::vector<std::string> Take();

 private:
  kube::Client& inner_;
  absl::Mutex mutex_;
  std::vector<std::string> log_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::kube_testing
