// LiveView: what is known of live objects without asking the API server for them.
//
// Whoever watches the applied objects keeps a few bytes of each: enough to see that an object is
// still as it was left, and whether it is ready. Everything else is read when it is needed.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/kube/gvk.h"
#include "common/kube/object_key.h"
#include "common/ssa/kstatus.h"
#include "common/value/value.h"

namespace sluice::ssa {

// As whom objects are applied, and which labels and annotations decide about them.
struct ApplyIdentity {
  std::string field_manager = "kustomize-controller";
  std::string policy_group = "kustomize.toolkit.fluxcd.io";  // see policy.h
  std::vector<std::string> override_managers;                // --override-manager
};

// 128 bits of a SHA-256; equal for equal content.
using Fingerprint = std::array<uint64_t, 2>;

// Of a whole object as it is to be applied.
Fingerprint FingerprintOf(const Value& desired);

// Whether a label or annotation of the policy group decides how the object is applied, or it wants
// a clean-up: then the live object has to be read.
bool IsSpecial(const Value& object, const ApplyIdentity& identity);

struct LiveFacts {
  // Of what drift.h compares (labels, annotations, all but metadata and status; nothing and empty
  // are the same), and of whether managed_fields.h would clean up.
  Fingerprint content{};
  // 0 if the server's is no number.
  uint64_t resource_version = 0;
  Readiness readiness = Readiness::kUnknown;
  bool special = false;

  static LiveFacts Of(const Value& live, const ApplyIdentity& identity, absl::Time now);
};

// Thread-safe.
class LiveView {
 public:
  struct Sight {
    // Otherwise the object has to be read. What is known may be some milliseconds old.
    bool known = false;
    // Absent: there is no object with this name that carries the watched label.
    std::optional<LiveFacts> facts;
  };

  virtual ~LiveView() = default;
  virtual Sight Find(const kube::Resource& resource, const kube::ObjectKey& key) = 0;
};

}  // namespace sluice::ssa
