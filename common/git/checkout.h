// Checkout: from a GitRepository's reference to the commit it means and that commit's files.
//
// Which commit a reference means, when nothing need be downloaded, and the texts of all errors are
// those of Flux 2.9 (fluxcd/pkg git/gogit); its order of precedence is commit, name, tag, semver,
// branch. Where Flux clones whole histories to find a commit, we ask for that commit.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/fs/tree.h"
#include "common/git/auth.h"
#include "common/git/object_store.h"
#include "common/git/objects.h"
#include "common/git/remote.h"

namespace sluice::git {

// spec.ref; empty is absent.
struct Reference {
  std::string branch;  // "master" if nothing at all is set
  std::string tag;
  std::string semver;
  std::string name;
  std::string commit;
};

struct CheckoutRequest {
  std::string url;
  Auth auth;
  Reference reference;
  // The revision that is stored already, in either form; empty to fetch in any case. Makes no
  // difference for semver and commit.
  std::string last_revision;
  bool recurse_submodules = false;  // otherwise they are empty directories
  // Users of different scopes share no mirror; a namespace, say.
  std::string scope;
  RemoteOptions remote;
};

struct CheckedOut {
  enum class Outcome {
    kFetched,
    kUnchanged,  // `revision` is last_revision; of `commit` only the id is set
    kEmpty,      // the remote has no references at all; nothing else is set
  };
  Outcome outcome = Outcome::kFetched;
  // "main@sha1:...", see revision.h.
  std::string revision;
  // "refs/heads/main"; "" for a commit without branch or name.
  std::string reference;
  Commit commit;
  // kFetched, for an annotated tag.
  std::optional<Tag> tag;
  // kFetched. Holds the locks of the mirrors it reads, so keep it no longer than needed.
  std::shared_ptr<const fs::Tree> tree;
  // kFetched. Where the commit is, to make another on top of it (push.h); holds the lock too.
  std::shared_ptr<ObjectStore> objects;
};

// Thread-safe.
class Checkouts {
 public:
  // Mirrors are kept below `mirror_root`, made if it is not there. `clock` must outlive this.
  Checkouts(std::string mirror_root, Clock& clock);

  // Connects with the request's credentials in any case, so that what one user fetched is not shown
  // to another who may not. Reading `tree` can still find the mirror damaged (kDataLoss): asking
  // again then fetches anew.
  absl::StatusOr<CheckedOut> Fetch(const Context& ctx, const CheckoutRequest& request) const;

 private:
  // The client that requests without TLS material and proxy of their own share: reading the
  // system's authorities takes 20 ms, and its connections are kept.
  absl::StatusOr<std::shared_ptr<http::Transport>> SharedTransport() const;

  const std::string mirror_root_;
  Clock& clock_;
  mutable absl::Mutex mutex_;
  mutable std::shared_ptr<http::Transport> transport_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::git
