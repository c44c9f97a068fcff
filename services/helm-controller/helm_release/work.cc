// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/work.h"

namespace sluice::helm_controller {

ActivePolicy ActivePolicyOf(const Session& session) {
  ActivePolicy policy;
  policy.kind = session.status.last_attempted_release_action;
  if (policy.kind != "install" && policy.kind != "upgrade") {
    policy.kind.clear();
    return policy;
  }
  const bool install = policy.kind == "install";
  const api::HelmActionSpec& spec =
      install ? static_cast<const api::HelmActionSpec&>(session.spec.install)
              : session.spec.upgrade;
  policy.remediation = spec.remediation;
  policy.retries = spec.retry_on_failure;
  policy.retry_interval = spec.retry_interval;
  policy.failures = install ? session.status.install_failures : session.status.upgrade_failures;
  return policy;
}

}  // namespace sluice::helm_controller
