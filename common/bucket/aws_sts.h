// Temporary AWS credentials from a security token service.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/bucket/s3_signer.h"
#include "common/http/transport.h"

namespace sluice::bucket {

struct LdapLogin {
  std::string username;
  Secret password;
};

// AssumeRoleWithLDAPIdentity (MinIO's) at the http or https URL `endpoint`. What it gives is kept
// until shortly before it expires. `transport` and `clock` must outlive the result.
AwsCredentialSource LdapCredentials(std::string endpoint, LdapLogin login,
                                    http::Transport& transport, Clock& clock);

struct WebIdentity {
  std::string role_arn;
  std::string session_name;
  // Called for each exchange: tokens are renewed where they come from.
  std::function<absl::StatusOr<Secret>(const Context& ctx)> token;
};

// AssumeRoleWithWebIdentity at `endpoint`, likewise.
AwsCredentialSource WebIdentityCredentials(std::string endpoint, WebIdentity identity,
                                           http::Transport& transport, Clock& clock);

}  // namespace sluice::bucket
