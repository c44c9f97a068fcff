// With what credentials a container registry is reached: pull secrets, those of a service account,
// or a cloud's login (spec/source.md §5.2, §6.4; spec/image.md §4.6 to §4.8).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "common/kube/client.h"
#include "common/oci/credentials.h"
#include "common/oci/reference.h"

namespace sluice::credentials {

inline constexpr char kDockerConfigJson[] = ".dockerconfigjson";

// The names of the Secrets with credentials: `secret`, then those that the service account pulls
// with. Both may be "". The API server's error if the account cannot be read.
absl::StatusOr<std::vector<std::string>> PullSecretNames(const Context& ctx, kube::Client& client,
                                                         const std::string& ns,
                                                         const std::string& secret,
                                                         const std::string& service_account);

// The credentials in the Secrets `names`; of two for one registry the earlier wins. As in Flux, a
// Secret of another type contributes nothing. `missing` is told of one that is not there before
// that is the error.
absl::StatusOr<oci::Keyring> ReadPullSecrets(
    const Context& ctx, kube::Client& client, const std::string& ns,
    const std::vector<std::string>& names,
    absl::FunctionRef<void(const std::string& name)> missing = [](const std::string&) {});

// Logs in to a cloud's `registry`, within 10 s, out of `tokens` if that was done before through the
// same `proxy_url` (which may be "") for the same `user`: "oci", "image", "helm".
absl::StatusOr<oci::Credential> RegistryLogin(const Context& ctx,
                                              const cloud_identity::Services& services,
                                              cloud_identity::TokenCache& tokens,
                                              const cloud_identity::Identity& identity,
                                              absl::string_view provider,
                                              const std::string& registry,
                                              const std::string& proxy_url, absl::string_view user);

}  // namespace sluice::credentials
