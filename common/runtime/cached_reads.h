// CachedReads: a client that answers reads of Secrets and ConfigMaps from memory, for Flux's
// feature gate CacheSecretsAndConfigMaps: fewer requests, at the price of holding all of them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/runtime/informer.h"

namespace sluice::runtime {

// Thread-safe. Get() of one object of these kinds in a namespace that is watched is answered from
// memory; all else goes to `client`.
class CachedReads : public kube::Client {
 public:
  // Watches the namespace `watched_ns`, all of them if it is empty. `client` and `clock` must
  // outlive it.
  CachedReads(kube::Client& client, std::string watched_ns, Clock& clock);

  // To be started, and filled before the first read: what they do not hold is not found.
  std::vector<Informer*> informers();

  absl::StatusOr<Value> Do(const Context& ctx, const kube::ApiRequest& request) override;
  absl::Status WatchStream(const Context& ctx, const kube::ApiRequest& request,
                           const std::function<absl::Status(kube::WatchEvent)>& on_event) override;

 private:
  kube::Client& client_;
  const std::string watched_ns_;
  std::vector<std::unique_ptr<Informer>> informers_;
};

}  // namespace sluice::runtime
