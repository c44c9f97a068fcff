// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/identity.h"

#include "common/base/status_macros.h"

namespace sluice::helm_controller {

std::string UserOf(const Session& session, const Options& options) {
  return remote_cluster::ServiceAccountUser(session.key().ns, session.spec.service_account_name,
                                            options.process.default_service_account);
}

}

}  // namespace sluice::helm_controller
