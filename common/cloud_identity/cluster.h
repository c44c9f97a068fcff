// Kubernetes clusters that are entered with an identity in place of a stored kubeconfig
// (spec.kubeConfig.configMapRef of Flux's kinds): EKS, AKS, GKE, and any cluster that trusts the
// tokens of ours.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/cloud_identity/services.h"

namespace sluice::cloud_identity {

struct ClusterReference {
  std::string provider;  // "aws", "azure", "gcp" or "generic"
  // An EKS ARN; an AKS resource ID and a GKE name are needed only where the next two are not both
  // there.
  std::string cluster;
  std::string address;                 // "": the provider is asked
  std::string ca_pem;                  // "": the same
  std::vector<std::string> audiences;  // generic; none: the address
};

// Where a cluster's API server is.
struct ClusterEndpoint {
  std::string server;  // "https://host:port"
  std::string ca_pem;  // "": the system's authorities
};

// "https://<host in lower case>:<port>" of an address with or without scheme, port or path.
// kInvalidArgument, worded as in Flux, for what is none, and for http.
absl::StatusOr<std::string> CanonicalAddress(absl::string_view address);

// Asks the provider where the reference leaves something open. kInvalidArgument, worded as in Flux
// 2.9, for a reference that does not name a cluster; the errors of the exchange.
//
// $AWS_ENDPOINT_URL_EKS and gcloud's $CLOUDSDK_API_ENDPOINT_OVERRIDES_CONTAINER put the services
// elsewhere.
absl::StatusOr<ClusterEndpoint> FindCluster(const Context& ctx, const Services& services,
                                            const Identity& identity,
                                            const ClusterReference& reference);

// The bearer token that the cluster's API server takes. The same errors.
absl::StatusOr<Credentials> ClusterToken(const Context& ctx, const Services& services,
                                         const Identity& identity,
                                         const ClusterReference& reference);

}  // namespace sluice::cloud_identity
