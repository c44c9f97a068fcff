// ServiceAddresses: cluster IPs and node ports, handed out once each.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/devapi/schema/field_error.h"
#include "common/value/value.h"

namespace sluice::devapi {

// Of 10.0.0.0/16 and ports 30000 to 32767. Thread-safe.
class ServiceAddresses {
 public:
  // Gives a Service that is to be created what it lacks, and takes what it names. The errors of
  // addresses that are taken or out of range; then nothing is kept.
  FieldErrors Assign(Value& service);
  // The same for an update of `old`, which keeps what it has; once the update is done, Release()
  // what the new one has no more.
  FieldErrors Reassign(const Value& old, Value& service);
  // Gives back what `service` has, except what `kept` (null: nothing) has too.
  void Release(const Value& service, const Value& kept = nullptr);

 private:
  FieldErrors AssignIp(const Value& old, Value& spec) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  FieldErrors AssignPorts(const Value& old, Value& spec) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  std::set<std::string> ips_ ABSL_GUARDED_BY(mutex_);
  std::set<int64_t> ports_ ABSL_GUARDED_BY(mutex_);
  uint32_t next_ip_ ABSL_GUARDED_BY(mutex_) = 256;
  int64_t next_port_ ABSL_GUARDED_BY(mutex_) = 30000;
};

}  // namespace sluice::devapi
