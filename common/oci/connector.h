// Finds out how a registry is to be spoken to: with TLS or without, and what it asks for.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/http/transport.h"
#include "common/oci/authorizer.h"
#include "common/oci/reference.h"

namespace sluice::oci {

// Thread-safe.
class Connector {
 public:
  // `insecure`: plain HTTP is allowed for every registry. The others outlive this.
  Connector(http::Transport& transport, Clock& clock, bool insecure)
      : transport_(transport), clock_(clock), insecure_(insecure) {}

  // Asked of a registry once; failures are not remembered.
  absl::StatusOr<std::shared_ptr<const Session>> SessionFor(const Context& ctx,
                                                            const Repository& repository);

 private:
  absl::StatusOr<Session> Ping(const Context& ctx, const std::string& base);
  absl::StatusOr<Session> Race(const Context& ctx, const std::string& registry);

  http::Transport& transport_;
  Clock& clock_;
  const bool insecure_;
  absl::Mutex mutex_;
  std::map<std::string, std::shared_ptr<const Session>> sessions_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::oci
