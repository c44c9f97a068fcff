// Azure Key Vault and its managed HSMs (the decrypt operation of keys).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/http/transport.h"
#include "common/key_management/service.h"

namespace sluice::key_management {

struct AzureKey {
  std::string vault_url;  // "https://NAME.vault.azure.net"
  std::string name;
  std::string version;
};

// What tokens for the vault are asked for: "https://vault.azure.net/.default". kInvalidArgument for
// a URL whose host is none of Azure's vaults: a token must go nowhere else.
absl::StatusOr<std::string> AzureKeyVaultScope(absl::string_view vault_url);

// What `ciphertext` (base64 for URLs) was encrypted from with RSA-OAEP-256, by the holder of the
// bearer `token`. Errors as for AWS.
absl::StatusOr<Secret> DecryptWithAzureKeyVault(const Context& ctx, http::Transport& transport,
                                                const Endpoints& endpoints, const Secret& token,
                                                const AzureKey& key, absl::string_view ciphertext);

}  // namespace sluice::key_management
