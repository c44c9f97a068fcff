// Access tokens for Google Cloud's services.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/base/context.h"
#include "common/cloud_identity/services.h"

namespace sluice::cloud_identity {

// A token for everything that the identity may do ("cloud-platform").
//
// A service account is exchanged at Google's Security Token Service, as Flux 2.9 does: as a member
// of the pool that its annotation "gcp.auth.fluxcd.io/workload-identity-provider" names, without
// one as a member of the GKE cluster's own pool, which the metadata service knows. With the
// annotation "iam.gke.io/gcp-service-account" the result is a token of that Google account.
//
// The process's own identity is the one that the file $GOOGLE_APPLICATION_CREDENTIALS describes (a
// service account's key, or an external account whose token is in a file), else the machine's.
//
// $GCE_METADATA_HOST, and gcloud's $CLOUDSDK_API_ENDPOINT_OVERRIDES_STS and
// $CLOUDSDK_API_ENDPOINT_OVERRIDES_IAMCREDENTIALS put the services elsewhere.
absl::StatusOr<Credentials> GoogleToken(const Context& ctx, const Services& services,
                                        const Identity& identity);

}  // namespace sluice::cloud_identity
