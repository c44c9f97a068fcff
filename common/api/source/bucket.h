// Bucket (source.toolkit.fluxcd.io/v1): spec/source.md §1.7.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/value/value.h"

namespace sluice::api {

struct BucketSts {
  std::string provider;
  std::string endpoint;
  std::string secret_name;
  std::string cert_secret_name;
};

struct BucketSpec {
  std::string provider;  // "" is generic
  std::string bucket_name;
  std::string endpoint;
  std::optional<BucketSts> sts;
  bool insecure = false;
  std::string region;
  std::string prefix;
  std::string secret_name;
  std::string cert_secret_name;
  std::string proxy_secret_name;
  std::string service_account_name;
  absl::Duration timeout = absl::Seconds(60);
  std::optional<std::string> ignore;  // absent and empty differ
  bool suspend = false;
};

// kInvalidArgument names the field at fault.
absl::StatusOr<BucketSpec> DecodeBucketSpec(const Value& spec);

}  // namespace sluice::api
