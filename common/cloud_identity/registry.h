// Credentials for the clouds' container registries: ECR, ACR, Artifact Registry.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"

namespace sluice::cloud_identity {

// OK if `host` ("1234.dkr.ecr.eu-west-1.amazonaws.com") is a registry of `provider`: "aws", "azure"
// or "gcp". kInvalidArgument, worded as in Flux 2.9, for a host of somebody else's, who must not
// get the cloud's tokens, and for another provider.
absl::Status CheckRegistry(absl::string_view provider, absl::string_view host);

// The user name, in access_key_id, and password for `host`, with the identity's rights. The errors
// of CheckRegistry() and of the exchange.
//
// $AWS_ENDPOINT_URL_ECR and $AWS_ENDPOINT_URL_ECR_PUBLIC put Amazon's services elsewhere.
absl::StatusOr<Credentials> RegistryLogin(const Context& ctx, const Services& services,
                                          const Identity& identity, absl::string_view provider,
                                          const std::string& host);

// The same out of `cache`. `scope` says what else the login depends on: the proxy, for one.
absl::StatusOr<Credentials> CachedRegistryLogin(const Context& ctx, const Services& services,
                                                TokenCache& cache, const Identity& identity,
                                                absl::string_view provider, const std::string& host,
                                                absl::string_view scope);

}  // namespace sluice::cloud_identity
