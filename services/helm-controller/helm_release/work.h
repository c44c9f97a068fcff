// Work: what one reconciliation has found out and needs to act on a release.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "common/base/context.h"
#include "services/helm-controller/action/environment.h"
#include "services/helm-controller/action/release_request.h"
#include "services/helm-controller/helm_release/services.h"
#include "services/helm-controller/helm_release/session.h"

namespace sluice::helm_controller {

// Not thread-safe; refers to what the reconciliation owns.
struct Work {
  const Services& services;
  Session& session;
  Environment& with;
  ReleaseRequest& request;
  std::string config_digest;  // of request.values
  std::map<std::string, std::string> owner_labels;
  // Somebody asked for an upgrade though there may be nothing to do; forgotten once it is begun.
  bool force = false;

  const helm::Metadata& chart() const { return request.chart->chart()->metadata; }
  // "chart@1.2.3"
  std::string VersionedChart() const { return chart().name + "@" + chart().version; }
};

// What to do about failures, by status.lastAttemptedReleaseAction. `kind` is "install" or
// "upgrade", or "" before the first attempt.
struct ActivePolicy {
  std::string kind;
  api::Remediation remediation;
  bool retries = false;  // strategy RetryOnFailure
  absl::Duration retry_interval;
  int64_t failures = 0;  // counted so far

  bool has_remediation() const { return !kind.empty() && !retries; }
  bool ignores_tests(const Session& session) const {
    return remediation.ignore_test_failures.value_or(session.spec.test.ignore_failures);
  }
  bool remediates_last() const {
    return remediation.remediate_last_failure.value_or(kind == "upgrade" &&
                                                       remediation.retries > 0);
  }
};
ActivePolicy ActivePolicyOf(const Session& session);

}  // namespace sluice::helm_controller
