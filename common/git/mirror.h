// Mirror: what was fetched from one upstream, kept on disk so that the next fetch is small.
//
// A bare Git repository beside a list of "tips": commits whose whole tree is known to be here. It
// is a cache and nothing else: whatever is wrong with it, it is thrown away and filled anew. Only
// commits that are asked for are here, as a rule without their history.
//
// A lock file beside it, "<directory>.lock", admits one user at a time, in this process and others.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/git/object_id.h"
#include "common/git/object_store.h"
#include "common/git/remote.h"

namespace sluice::git {

// Where below `root` the mirror of `url` is. Different scopes (namespaces, say) share nothing. User
// info is no part of the name.
std::string MirrorDirectory(absl::string_view root, absl::string_view scope, absl::string_view url);

// Not thread-safe, but for what objects() returns.
class Mirror {
 public:
  virtual ~Mirror() = default;

  // Waits for the lock, made anew if it is not there or not in order. ctx.Check()'s error, or
  // kInternal if the disk fails.
  static absl::StatusOr<std::unique_ptr<Mirror>> Open(const Context& ctx, Clock& clock,
                                                      const std::string& directory);

  // Whether the commit and its whole tree are here.
  virtual bool Has(const ObjectId& commit) const = 0;

  // Gets `wants`, commits or tags of commits, from `remote`, with `depth` commits of history (0:
  // all), and checks that what they lead to is all there. Mirrors are filled anew once if that
  // fails for want of what they should have had. The remote's errors; kUnavailable for a pack that
  // is damaged or incomplete.
  virtual absl::Status Fetch(const Context& ctx, Remote& remote, std::vector<ObjectId> wants,
                             int depth) = 0;

  // Notes that `commit`, which came as part of another's history, is here whole; kNotFound if not.
  virtual absl::Status Adopt(const Context& ctx, const ObjectId& commit) = 0;

  // The objects. The lock is held until the mirror and all of these are gone. Damage that reading
  // them reveals (kDataLoss) makes the next Open() start anew. Not to be used during Fetch(). What
  // is written to them stays until the mirror is made anew.
  virtual std::shared_ptr<ObjectStore> objects() const = 0;
};

// Deletes the mirrors below `root` that nobody has opened since `before` and nobody has open.
// Returns how many.
absl::StatusOr<int> PruneMirrors(const Context& ctx, const std::string& root, absl::Time before);

}  // namespace sluice::git
