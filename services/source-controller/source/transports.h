// Connections that reconciliations share. Making a client reads the system's authorities and its
// connections are lost with it, so the next reconciliation with the same options gets the same one.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/http/client.h"

namespace sluice::source_controller {

// Thread-safe.
class Transports {
 public:
  // Clients that are kept; the least recently used goes first, and lives on with who uses it.
  static constexpr size_t kMaxKept = 32;

  // The error of http::CreateClient(). Certificates, keys and proxies are part of what is compared,
  // so that another one gives another client.
  absl::StatusOr<std::shared_ptr<http::Transport>> Get(const http::ClientOptions& options);

 private:
  struct Entry {
    std::string key;  // a digest: options hold secrets
    std::shared_ptr<http::Transport> transport;
  };

  absl::Mutex mutex_;
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // used last first
};

}  // namespace sluice::source_controller
