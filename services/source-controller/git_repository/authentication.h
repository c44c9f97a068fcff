// With what credentials, and through which proxy, a GitRepository's remote is reached
// (spec/source.md §3.2, §6.1, §6.4).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/api/source/git_repository.h"
#include "common/base/context.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "common/git/auth.h"
#include "services/source-controller/options.h"
#include "services/source-controller/source/secret.h"

namespace sluice::source_controller {

struct GitAccess {
  git::Auth auth;
  std::string proxy_url;  // "" for none of its own
};

// Thread-safe.
class GitAuthenticator {
 public:
  // `tokens`, `options` and what `services` refers to must outlive it.
  GitAuthenticator(const cloud_identity::Services& services, cloud_identity::TokenCache& tokens,
                   const Options& options);

  // `object` has the spec; its Secrets and service account are in the same namespace. Errors carry
  // Flux's words and the reason of FetchFailed, and are marked if only another spec ends them
  // (source/reason.h).
  absl::StatusOr<GitAccess> Authenticate(const Context& ctx, const kube::ObjectKey& object,
                                         const api::GitRepositorySpec& spec) const;

 private:
  absl::Status FromProvider(const Context& ctx, const kube::ObjectKey& object,
                            const api::GitRepositorySpec& spec, const SecretData& data,
                            GitAccess& access) const;
  absl::Status FromGitHub(const Context& ctx, const kube::ObjectKey& object,
                          const api::GitRepositorySpec& spec, const SecretData& data,
                          GitAccess& access) const;
  absl::Status FromCloud(const Context& ctx, const kube::ObjectKey& object,
                         const api::GitRepositorySpec& spec, GitAccess& access) const;

  const cloud_identity::Services services_;
  cloud_identity::TokenCache& tokens_;
  const Options& options_;
};

}  // namespace sluice::source_controller
