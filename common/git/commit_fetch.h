// Getting one commit into a mirror, and a commit's submodules with it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/fs/tree.h"
#include "common/git/auth.h"
#include "common/git/mirror.h"
#include "common/git/object_id.h"
#include "common/git/remote.h"
#include "common/git/tree.h"

namespace sluice::git {

// The mirrors that one checkout uses, each opened once. Not thread-safe.
class MirrorSet {
 public:
  MirrorSet(Clock& clock, std::string root, std::string scope)
      : clock_(clock), root_(std::move(root)), scope_(std::move(scope)) {}

  // The mirror of `url`, valid as long as this.
  absl::StatusOr<Mirror*> Open(const Context& ctx, absl::string_view url);

 private:
  Clock& clock_;
  const std::string root_;
  const std::string scope_;
  std::map<std::string, std::unique_ptr<Mirror>> mirrors_;  // by directory
};

// Has the commit brought alone if the server sends it so; else the whole history of `branch` (a
// full name; empty: of all branches) in which it should be. kNotFound "object not found" if the
// remote does not have it, else the remote's errors.
absl::Status FetchCommit(const Context& ctx, Remote& remote, Mirror& mirror, const ObjectId& id,
                         absl::string_view branch);

// How submodules are fetched: with the parent's credentials, but over HTTP only from the parent's
// host and port. (Flux sends them wherever .gitmodules says.)
struct SubmoduleAccess {
  const Auth& auth;
  const RemoteOptions& options;
};

// `tree`, a commit of the repository at `url`, with its submodules in place, and theirs, ten deep.
// Entries that .gitmodules does not mention stay empty directories. Errors name the submodule.
absl::StatusOr<std::shared_ptr<const fs::Tree>> MountSubmodules(
    const Context& ctx, MirrorSet& mirrors, const SubmoduleAccess& access, absl::string_view url,
    std::shared_ptr<const CommitTree> tree);

}  // namespace sluice::git
