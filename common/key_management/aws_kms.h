// AWS KMS (its Decrypt action).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/bucket/s3_signer.h"
#include "common/http/transport.h"
#include "common/key_management/service.h"

namespace sluice::key_management {

struct AwsKmsKey {
  std::string arn;
  std::string role;                            // assumed first, unless it is ""
  std::map<std::string, std::string> context;  // the encryption context
};

// The region in the ARN of a key or an alias. kInvalidArgument ("no valid ARN found in '...'").
absl::StatusOr<std::string> AwsKmsRegion(absl::string_view arn);

// What `ciphertext` (base64) was encrypted from. kInvalidArgument for what is no key or no base64,
// otherwise Call()'s errors; all are worded as SOPS words them.
absl::StatusOr<Secret> DecryptWithAwsKms(const Context& ctx, http::Transport& transport,
                                         Clock& clock, const Endpoints& endpoints,
                                         const bucket::AwsCredentials& credentials,
                                         const AwsKmsKey& key, absl::string_view ciphertext);

}  // namespace sluice::key_management
