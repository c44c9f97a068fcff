// Faults that tests order: the next requests that match are slowed down or answered with an error.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/devapi/access/rbac.h"
#include "common/value/value.h"

namespace sluice::devapi {

// What to do with a request.
struct Fault {
  absl::Duration latency = absl::ZeroDuration();
  absl::Status error;  // the API error to answer with; OK: go on
};

// Thread-safe.
class Faults {
 public:
  // Adds a rule from its JSON:
  //
  //   {"match": {"verb": "update", "group": "apps", "resource": "deployments", "namespace": "x",
  //              "name": "y", "subresource": "status", "user": "u"},
  //    "status": 429, "message": "...", "retryAfterSeconds": 1, "latency": "100ms", "count": 3}
  //
  // An absent field of `match` matches everything. Without `count` the rule holds until Clear().
  // kInvalidArgument for anything else. The rule's number, for Remove().
  absl::StatusOr<int64_t> Add(const Value& rule);
  void Remove(int64_t id);
  void Clear();

  // What the first rule that matches does; uses it up by one.
  Fault Next(const Attributes& attributes, absl::string_view user);

  // The rules, with "id" and how often each has matched ("hits").
  Value List() const;

 private:
  struct Rule {
    int64_t id = 0;
    Value match;
    int status = 0;  // 0: only latency
    std::string message;
    int retry_after = 0;
    absl::Duration latency;
    int64_t left = -1;  // -1: no end
    int64_t hits = 0;
    Value source;
  };

  mutable absl::Mutex mutex_;
  std::vector<Rule> rules_ ABSL_GUARDED_BY(mutex_);
  int64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace sluice::devapi
