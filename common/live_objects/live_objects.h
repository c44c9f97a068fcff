// LiveObjects: follows every object that carries our owner label, one watch per kind, and keeps the
// few bytes of each that say whether it is still as it was left, and ready.
//
// A kind's watch begins the first time one of its objects is asked for; until its list is complete,
// or where we may not list the kind, Find() knows nothing and the object has to be read.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/ssa/live_view.h"

namespace sluice::live_objects {

struct Options {
  // Labels that every object of ours carries: its owner's name and namespace.
  std::string name_label;
  std::string namespace_label;
  std::string ns;  // only in this namespace; "" is all
  ssa::ApplyIdentity identity;
  size_t max_kinds = 200;  // watched at once; objects of further kinds are read
};

// An object of `owner` appeared, changed or went (no facts). Content and readiness count, other
// changes are not told.
struct LiveChange {
  kube::ObjectKey owner;
  const kube::Resource& resource;
  kube::ObjectKey key;
  std::optional<ssa::LiveFacts> facts;
};

// Thread-safe. Destroying it ends the watches.
class LiveObjects : public ssa::LiveView {
 public:
  // Called from the watches' threads; must be quick.
  using Handler = std::function<void(const LiveChange&)>;

  // `client` and `clock` must outlive it. Watches run until `ctx` is cancelled.
  LiveObjects(const Context& ctx, kube::Client& client, Options options, Handler handler,
              Clock& clock);
  ~LiveObjects() override;

  // Ends the watches: the handler is not called any more, and nothing is known. Call before what
  // the handler uses goes.
  void Stop();

  Sight Find(const kube::Resource& resource, const kube::ObjectKey& key) override;

 private:
  class Kind;

  const Context ctx_;
  kube::Client& client_;
  const Options options_;
  const Handler handler_;
  Clock& clock_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  // By "group/version/plural".
  absl::flat_hash_map<std::string, std::shared_ptr<Kind>> kinds_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::live_objects
