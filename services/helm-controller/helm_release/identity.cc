// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/identity.h"

#include "common/base/status_macros.h"

namespace sluice::helm_controller {

std::string UserOf(const Session& session, const Options& options) {
  return remote_cluster::ServiceAccountUser(session.key().ns, session.spec.service_account_name,
                                            options.process.default_service_account);
}

absl::StatusOr<remote_cluster::Target> Reach(const Context& ctx, const Services& services,
                                             const Session& session) {
  ASSIGN_OR_RETURN(remote_cluster::ClusterPtr cluster,
                   services.clusters.Of(ctx, session.key().ns, session.spec.raw["kubeConfig"]));
  return remote_cluster::Target(std::move(cluster), UserOf(session, services.options));
}

}  // namespace sluice::helm_controller
