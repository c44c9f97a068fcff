// SPDX-License-Identifier: Apache-2.0
#include "common/kube_testing/counting_client.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace sluice::kube_testing {

absl::StatusOr<Value> CountingClient::Do(const Context& ctx, const kube::ApiRequest& request) {
  const bool dry_run = std::any_of(request.query.begin(), request.query.end(),
                                   [](const auto& pair) { return pair.first == "dryRun"; });
  {
    absl::MutexLock lock(&mutex_);
    log_.push_back(absl::StrCat(request.method, " ", request.path, dry_run ? "?dryRun" : ""));
  }
  return inner_.Do(ctx, request);
}

absl::Status CountingClient::WatchStream(
    const Context& ctx, const kube::ApiRequest& request,
    const std::function<absl::Status(kube::WatchEvent)>& on_event) {
  {
    absl::MutexLock lock(&mutex_);
    log_.push_back(absl::StrCat("WATCH ", request.path));
  }
  return inner_.WatchStream(ctx, request, on_event);
}

std::vector<std::string> CountingClient::Take() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(log_, {});
}

}  // namespace sluice::kube_testing
