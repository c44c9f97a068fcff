// AWS CodeCommit over HTTPS: a user name and password that are a signature of the request.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/cloud_identity/services.h"

namespace sluice::cloud_identity {

struct BasicCredentials {
  std::string username;
  Secret password;
};

// The region of a CodeCommit URL ("https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/app").
// kInvalidArgument, without the URL's user info, for any other URL.
absl::StatusOr<std::string> CodeCommitRegion(absl::string_view url);

// What CodeCommit takes for the repository at `url` in the next 15 minutes: AWS's Signature Version
// 4 in the form that git-remote-codecommit gives it.
absl::StatusOr<BasicCredentials> CodeCommitCredentials(absl::string_view url,
                                                       const Credentials& credentials,
                                                       absl::Time now);

}  // namespace sluice::cloud_identity
