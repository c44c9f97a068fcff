// From a GitRepository's spec to the files of the commit that it names (spec/source.md §3.2 to
// §3.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/api/source/git_repository.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "common/credentials/git_access.h"
#include "common/fs/tree.h"
#include "common/git/checkout.h"
#include "common/git/objects.h"
#include "services/source-controller/options.h"

namespace sluice::source_controller {

struct GitCheckout {
  std::string revision;  // "main@sha1:…"
  std::string commit;    // 40 hex digits
  std::string subject;   // first line of the commit message
  // "refs/heads/main", "refs/tags/v1", another name, or "" for a commit without any.
  std::string reference;
  // Set where there is a tree: the commit, and the annotated tag that led to it.
  git::Commit head;
  std::optional<git::Tag> tag;
  // nullptr: the remote still is at the revision that was asked about, nothing was fetched.
  std::shared_ptr<const fs::Tree> tree;
};

// Thread-safe. What it is given must outlive it.
class GitFetcher {
 public:
  GitFetcher(const cloud_identity::Services& services, cloud_identity::TokenCache& tokens,
             const Options& options);

  // `object` has the spec; its secrets are in the same namespace. `last_revision` allows for the
  // answer "unchanged"; empty: always fetch. Errors carry Flux's words and the reason of
  // FetchFailed (api/meta/reason.h).
  absl::StatusOr<GitCheckout> Fetch(const Context& ctx, const kube::ObjectKey& object,
                                    const api::GitRepositorySpec& spec,
                                    const std::string& last_revision);

 private:
  // Deletes mirrors that nobody uses any more, now and then.
  void PruneMirrors(const Context& ctx);

  const Options& options_;
  Clock& clock_;
  const credentials::GitAuthenticator authenticator_;
  const std::string mirror_root_;
  const git::Checkouts checkouts_;
  absl::Mutex mutex_;
  absl::Time last_prune_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace sluice::source_controller
