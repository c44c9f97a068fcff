// With what credentials, and through which proxy, a GitRepository's remote is reached
// (spec/source.md §3.2, §6.1, §6.4; spec/image.md §8.8).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/api/source/git_repository.h"
#include "common/base/context.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "common/credentials/identity.h"
#include "common/credentials/secret.h"
#include "common/git/auth.h"

namespace sluice::credentials {

struct GitAccess {
  git::Auth auth;
  std::string proxy_url;  // "" for none of its own
};

// Thread-safe.
class GitAuthenticator {
 public:
  // `tokens` and what `services` refers to must outlive it.
  GitAuthenticator(const cloud_identity::Services& services, cloud_identity::TokenCache& tokens,
                   IdentityOptions options);

  // Secrets are in `ns`, service accounts where `user` is, the object that wants access. Errors
  // carry Flux's words and a reason, and are marked if only another spec ends them
  // (api/meta/reason.h).
  absl::StatusOr<GitAccess> Authenticate(const Context& ctx, const cloud_identity::TokenUser& user,
                                         const std::string& ns,
                                         const api::GitRepositorySpec& spec) const;

 private:
  absl::Status FromProvider(const Context& ctx, const cloud_identity::TokenUser& user,
                            const std::string& ns, const api::GitRepositorySpec& spec,
                            const SecretData& data, GitAccess& access) const;
  absl::Status FromGitHub(const Context& ctx, const cloud_identity::TokenUser& user,
                          const std::string& ns, const api::GitRepositorySpec& spec,
                          const SecretData& data, GitAccess& access) const;
  absl::Status FromCloud(const Context& ctx, const cloud_identity::TokenUser& user,
                         const api::GitRepositorySpec& spec, GitAccess& access) const;

  const cloud_identity::Services services_;
  cloud_identity::TokenCache& tokens_;
  const IdentityOptions options_;
};

}  // namespace sluice::credentials
