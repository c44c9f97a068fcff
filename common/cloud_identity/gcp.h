// Access tokens for Google Cloud.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/cloud_identity/services.h"

namespace sluice::cloud_identity {

// A bearer token for `scope`. A service account is exchanged by workload identity federation: its
// annotation "gcp.auth.fluxcd.io/workload-identity-provider" names the provider, as
// "projects/N/locations/global/workloadIdentityPools/POOL/providers/P", without one it is that of
// its GKE cluster; with "iam.gke.io/gcp-service-account" it acts as that account of Google's.
//
// The process's own identity is that of the machine or pod, from the metadata server
// (GCE_METADATA_HOST). Key files (GOOGLE_APPLICATION_CREDENTIALS) are not read.
absl::StatusOr<Credentials> GcpToken(const Context& ctx, const Services& services,
                                     const Identity& identity, absl::string_view scope);

}  // namespace sluice::cloud_identity
