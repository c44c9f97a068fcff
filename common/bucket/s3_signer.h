// AWS Signature Version 4 (docs.aws.amazon.com, "Create a signed AWS API request").

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/http/message.h"

namespace sluice::bucket {

struct AwsCredentials {
  std::string access_key;
  Secret secret_key;
  Secret session_token;  // "" for keys that are not temporary
  absl::Time expires = absl::InfiniteFuture();
};
// Thread-safe.
using AwsCredentialSource = std::function<absl::StatusOr<AwsCredentials>(const Context& ctx)>;

struct SigningScope {
  std::string region;
  std::string service;  // "s3", "sts"
};

// Adds Host, X-Amz-Date, X-Amz-Content-Sha256, X-Amz-Security-Token if there is one, and
// Authorization. `request.url` is an absolute URL whose path and query are escaped as RFC 3986 has
// it. Headers that are there already are signed, too. kInvalidArgument if it is no URL.
absl::Status Sign(const AwsCredentials& credentials, const SigningScope& scope, absl::Time now,
                  http::Request& request);

// The URL that does what `request`, without a body, asks, for `lifetime` from `now` and without
// further credentials. Its headers are signed, and whoever uses the URL has to send them as well;
// Host needs not be among them. The same errors.
absl::StatusOr<std::string> Presign(const AwsCredentials& credentials, const SigningScope& scope,
                                    absl::Time now, absl::Duration lifetime,
                                    const http::Request& request);

}  // namespace sluice::bucket
