// Temporary credentials of AWS.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/cloud_identity/services.h"

namespace sluice::cloud_identity {

// A service account assumes the role of its annotation "eks.amazonaws.com/role-arn" in `region`,
// which must not be empty then. The process's own identity is, as in AWS's SDKs, the first there
// is of: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN;
// AWS_CONTAINER_CREDENTIALS_FULL_URI (EKS Pod Identity); the machine's role.
absl::StatusOr<Credentials> AwsCredentials(const Context& ctx, const Services& services,
                                           const Identity& identity, const std::string& region);

// AWS_REGION, else AWS_DEFAULT_REGION, else "".
std::string AwsRegion(const Environment& environment);

}  // namespace sluice::cloud_identity
