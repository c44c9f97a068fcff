// From a GitRepository's spec to the files of the commit that it names (spec/source.md §3.2 to
// §3.5).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/api/source/git_repository.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/fs/tree.h"
#include "common/git/checkout.h"
#include "common/kube/client.h"
#include "services/source-controller/options.h"

namespace sluice::source_controller {

struct GitCheckout {
  std::string revision;  // "main@sha1:…"
  std::string commit;    // 40 hex digits
  std::string subject;   // first line of the commit message
  // nullptr: the remote still is at the revision that was asked about, nothing was fetched.
  std::shared_ptr<const fs::Tree> tree;
};

// Thread-safe. Its collaborators must outlive it.
class GitFetcher {
 public:
  GitFetcher(kube::Client& client, const Options& options, Clock& clock);

  // `ns` is where the spec's secrets are. `last_revision` allows for the answer "unchanged"; empty:
  // always fetch. Errors carry Flux's words and the reason of FetchFailed (source/reason.h).
  absl::StatusOr<GitCheckout> Fetch(const Context& ctx, const std::string& ns,
                                    const api::GitRepositorySpec& spec,
                                    const std::string& last_revision);

 private:
  // Deletes mirrors that nobody uses any more, now and then.
  void PruneMirrors(const Context& ctx);

  kube::Client& client_;
  const Options& options_;
  Clock& clock_;
  const std::string mirror_root_;
  const git::Checkouts checkouts_;
  absl::Mutex mutex_;
  absl::Time last_prune_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace sluice::source_controller
