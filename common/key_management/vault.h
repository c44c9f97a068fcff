// HashiCorp Vault and OpenBao: keys of the transit engine, and the login by JWT.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/http/transport.h"

namespace sluice::key_management {

struct VaultServer {
  std::string address;     // http or https, "https://vault.example.com:8200"
  std::string name_space;  // of Vault Enterprise and OpenBao, "" for the root
};

struct VaultKey {
  std::string engine_path;  // "transit"
  std::string name;
};

// What `ciphertext` ("vault:v1:…") was encrypted from. kInvalidArgument for an address that is no
// URL and a path that leads elsewhere; Call()'s errors.
absl::StatusOr<Secret> DecryptWithVault(const Context& ctx, http::Transport& transport,
                                        const VaultServer& server, const Secret& token,
                                        const VaultKey& key, absl::string_view ciphertext);

// The token that the login at `path` ("auth/kubernetes/login") gives `role` for `jwt`.
absl::StatusOr<Secret> LogInToVault(const Context& ctx, http::Transport& transport,
                                    const VaultServer& server, absl::string_view path,
                                    absl::string_view role, const Secret& jwt);

}  // namespace sluice::key_management
