// What the key management services have in common.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/http/message.h"
#include "common/http/transport.h"
#include "common/value/value.h"

namespace sluice::key_management {

// Where services are instead of where they usually are: "http://127.0.0.1:1234", without a slash at
// the end. "": where they usually are.
struct Endpoints {
  std::string aws_kms, aws_sts;
  std::string gcp_kms;
  std::string azure_key_vault;

  // As the environment has it: AWS_ENDPOINT_URL_KMS and AWS_ENDPOINT_URL_STS as for AWS's SDKs,
  // SOPS_GCP_KMS_ENDPOINT, AZURE_KEY_VAULT_ENDPOINT.
  static Endpoints FromEnvironment(
      const std::function<std::string(absl::string_view name)>& variable);
};

// Sends `request`, answered within 30 s, and gives the JSON of the answer, of up to 1 MiB. Refusals
// carry the service's own explanation: 5xx and 429 are kUnavailable, others kPermissionDenied.
absl::StatusOr<Value> Call(const Context& ctx, http::Transport& transport,
                           const http::Request& request);

// The bytes of a base64 text, of either alphabet; kUnavailable if it is none.
absl::StatusOr<std::string> Base64Of(absl::string_view text);

}  // namespace sluice::key_management
