// How many objects of a kind are as a benchmark wants them, by a watch: lists of thousands of
// objects, over and over, would be most of what the API server does meanwhile.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/kube/client.h"
#include "common/runtime/informer.h"

namespace sluice::e2e {

// For one thread.
class ObjectCount {
 public:
  // Watches from now on. `client` must outlive it.
  ObjectCount(kube::Client& client, const kube::Resource& resource, const std::string& ns);

  // Waits until `done` holds for `wanted` objects, at most for `limit`; for how many it holds then.
  int Await(const std::function<bool(const Value& object)>& done, int wanted, absl::Duration limit);

 private:
  absl::Mutex mutex_;
  std::vector<runtime::Change> changes_ ABSL_GUARDED_BY(mutex_);  // not looked at yet
  runtime::Informer informer_;
};

}  // namespace sluice::e2e
