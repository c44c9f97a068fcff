// Snapshot: what an entry of a HelmRelease's status.history remembers of one revision of the
// release (spec/helm.md §1.7.1), and the questions asked of the list.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "common/value/value.h"

namespace sluice::api {

struct TestHookStatus {
  std::string last_started;  // times are texts, RFC 3339 with whole seconds
  std::string last_completed;
  std::string phase;
};

struct Snapshot {
  std::string api_version;  // "v2"; the digest of others is not checked
  std::string digest;
  std::string name;
  std::string ns;
  int64_t version = 0;
  std::string status;
  std::string action;  // "install", "upgrade", "rollback", …; may be ""
  std::string chart_name;
  std::string chart_version;
  std::string app_version;
  std::string config_digest;
  std::string first_deployed;
  std::string last_deployed;
  std::string deleted;
  std::string oci_digest;
  // By the hook's name; nullopt before the release was tested.
  std::optional<std::map<std::string, TestHookStatus>> test_hooks;

  static Snapshot Decode(const Value& value);
  Value Encode() const;

  // "ns/name.v3" and "chart@1.2.3".
  std::string FullReleaseName() const;
  std::string VersionedChartName() const;
  bool HasBeenTested() const;
  bool HasTestInPhase(absl::string_view phase) const;
  bool SameRevision(const Snapshot& other) const {
    return name == other.name && ns == other.ns && version == other.version;
  }
};

// Newest first.
using History = std::vector<Snapshot>;

// The entry with the highest version, or nullptr.
const Snapshot* LatestOf(const History& history ABSL_ATTRIBUTE_LIFETIME_BOUND);
Snapshot* LatestOf(History& history ABSL_ATTRIBUTE_LIFETIME_BOUND);
// What a rollback goes to: the newest but the latest that was deployed and, unless ignore_tests,
// failed no test. nullptr if there is none.
const Snapshot* PreviousOf(const History& history ABSL_ATTRIBUTE_LIFETIME_BOUND, bool ignore_tests);
// Sorted, without what is older than PreviousOf(); five entries at most if there is none.
void Truncate(bool ignore_tests, History& history);
// Sorted, the five newest.
void TruncateToFive(History& history);

}  // namespace sluice::api
