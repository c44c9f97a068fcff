// S3 and what speaks its API.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/bucket/object_store.h"
#include "common/bucket/s3_signer.h"
#include "common/http/transport.h"

namespace sluice::bucket {

struct S3Options {
  std::string endpoint;             // "host[:port]"
  bool insecure = false;            // plain HTTP
  std::string region;               // "": that of the endpoint's name, or what the service says
  AwsCredentialSource credentials;  // null: anonymous
};

// Buckets are part of the host's name at AWS, Google and Alibaba Cloud, unless a dot in theirs
// would not fit the certificate, and of the path elsewhere. Objects of more than 16 MiB are written
// in parts of that size. kInvalidArgument for an endpoint that is none. `transport` and `clock`
// must outlive the result.
absl::StatusOr<std::unique_ptr<WritableStore>> CreateS3(S3Options options,
                                                        http::Transport& transport, Clock& clock);

}  // namespace sluice::bucket
