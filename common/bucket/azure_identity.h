// Tokens of Microsoft Entra for storage accounts.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/secret.h"
#include "common/bucket/object_store.h"
#include "common/http/transport.h"

namespace sluice::bucket {

// What tokens are for.
inline constexpr char kAzureStorageResource[] = "https://storage.azure.com/";

struct AzureApplication {
  std::string authority = "https://login.microsoftonline.com";
  std::string tenant_id;
  std::string client_id;
  // One of the two: a secret, or a certificate with its RSA key as PEM.
  Secret client_secret;
  Secret client_certificate;
  bool send_chain = false;  // the certificates go into the request, for trust by name
  std::string resource = kAzureStorageResource;  // ends in a slash
};

// kInvalidArgument, without secrets, if the certificate is no PEM with an RSA key. `transport` and
// `clock` must outlive the results.
absl::StatusOr<TokenSource> ApplicationTokens(AzureApplication application,
                                              http::Transport& transport, Clock& clock);

// The managed identity `client_id` ("" for the machine's own) of the machine, from its metadata
// service.
TokenSource ManagedIdentityTokens(std::string client_id, http::Transport& transport, Clock& clock,
                                  std::string metadata_url = "http://169.254.169.254",
                                  std::string resource = kAzureStorageResource);

}  // namespace sluice::bucket
