// The audit log: who asked for what, for tests to read.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/devapi/access/identity.h"
#include "common/devapi/access/rbac.h"
#include "common/value/value.h"

namespace sluice::devapi {

struct AuditEntry {
  absl::Time at;
  Authentication who;
  Attributes what;
  std::string user_agent;
  bool dry_run = false;
  int code = 0;
};

// Keeps the last entries, and counts of all. Thread-safe.
class AuditLog {
 public:
  explicit AuditLog(size_t capacity = 4096) : capacity_(capacity) {}

  void Add(AuditEntry entry);
  void Clear();

  // The entries, oldest first, as audit.k8s.io names their fields.
  Value Entries() const;
  // How many requests there were: {"total": n, "verbs": {"create": n}, "agents": {"kubectl": n}}.
  Value Counts() const;

 private:
  const size_t capacity_;
  mutable absl::Mutex mutex_;
  std::deque<AuditEntry> entries_ ABSL_GUARDED_BY(mutex_);
  int64_t total_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::string, int64_t> verbs_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> agents_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::devapi
