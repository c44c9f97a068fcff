// Azure Blob Storage over its REST API.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/bucket/object_store.h"
#include "common/http/transport.h"

namespace sluice::bucket {

// At most one of the three is set; none: anonymous.
struct AzureBlobOptions {
  std::string endpoint;  // the account's URL; its query is kept
  Secret account_key;    // base64; the account is the first label of the endpoint's host
  Secret sas;            // a shared access signature, with or without "?"
  TokenSource token;
};

// kInvalidArgument, without secrets, for an endpoint that is no URL or a key that is not base64.
// `transport` and `clock` must outlive the result.
absl::StatusOr<std::unique_ptr<ObjectStore>> CreateAzureBlob(AzureBlobOptions options,
                                                             http::Transport& transport,
                                                             Clock& clock);

}  // namespace sluice::bucket
