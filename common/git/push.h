// Commits on top of what was checked out, and pushes of them (git-receive-pack).
//
//   ASSIGN_OR_RETURN(const CheckedOut base, checkouts.Fetch(ctx, {.url = url, ...}));
//   ASSIGN_OR_RETURN(const ObjectId commit, MakeCommit(*base.objects, base.commit, {...}));
//   RETURN_IF_ERROR(Push(ctx, {.url = url, .auth = auth}, *base.objects,
//                        {{.name = "refs/heads/main", .expected = base.commit.id, .id = commit}}));

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/git/auth.h"
#include "common/git/connect.h"
#include "common/git/object_id.h"
#include "common/git/object_store.h"
#include "common/git/objects.h"
#include "common/git/repository.h"

namespace sluice::git {

struct NewCommit {
  Changes changes;
  Person author;
  Person committer;
  std::string message;
  // Makes the armoured signature over the commit's bytes; none if empty.
  std::function<absl::StatusOr<std::string>(absl::string_view payload)> sign;
};

// Stores a commit whose parent is `base` and whose tree is `base`'s with the changes; returns its
// id. kFailedPrecondition "no staged files" if the tree would be the same.
absl::StatusOr<ObjectId> MakeCommit(ObjectStore& store, const Commit& base,
                                    const NewCommit& commit);

struct RefUpdate {
  std::string name;  // "refs/heads/main"
  // What the remote must have there: a commit, or zero for nothing. Not given: whatever it has,
  // which is a forced push.
  std::optional<ObjectId> expected;
  ObjectId id;  // of a commit in the store; zero deletes
};

struct PushTarget {
  std::string url;
  Auth auth;
  RemoteOptions remote;
  std::vector<std::string> push_options;  // "ci.skip"; refused by servers without them
};

// The most that a push may weigh.
inline constexpr size_t kMaxPushedPack = size_t{256} << 20;

// Sends what the remote lacks and changes its references; those that are right already are left
// alone. `known` are commits that the remote has although no reference names them, such as the base
// of the commit. Errors start with "failed to push to remote: " and carry no secret: kAborted
// "non-fast-forward update: <name>" if a reference is not what was expected, kFailedPrecondition
// "command error on <name>: <reason>" if the remote refuses or shares no history with the commit,
// otherwise as Remote's.
absl::Status Push(const Context& ctx, const PushTarget& target, const ObjectStore& store,
                  const std::vector<RefUpdate>& updates, const std::vector<ObjectId>& known = {});

}  // namespace sluice::git
