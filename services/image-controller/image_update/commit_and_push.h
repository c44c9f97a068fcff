// One attempt to write policies into a Git repository: check out, edit, commit, push
// (spec/image.md §8).
//
// Expected flow. The checkout is a commit in a mirror on this machine; the edited files become a
// commit on top of it, and the remote's branch is moved to that commit if it still is where it was
// read. Guarantees. A branch is never moved off a commit that was not seen here, there is no commit
// without a change, and a process that dies at any point leaves either nothing or the whole commit
// on the remote: the next run finds its edits made.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/api/image/image_update_automation.h"
#include "common/base/context.h"
#include "common/git/checkout.h"
#include "common/image_setters/tree.h"
#include "common/kube/object_key.h"
#include "services/image-controller/image_update/git_source.h"

namespace sluice::image_controller {

// Ready's reasons for what can fail here; the error says which (api/meta/reason.h).
inline constexpr char kGitOperationFailed[] = "GitOperationFailed";
inline constexpr char kUpdateFailed[] = "UpdateFailed";

struct UpdateRequest {
  const kube::ObjectKey& automation;
  const api::ImageUpdateAutomationSpec& spec;
  const GitSource& source;
  // By name, of the automation's namespace.
  const std::map<std::string, api::ImageRef>& policies;
  // The revision that was found in order last time, for a look that costs nothing if the remote
  // still is there; "" to look in any case.
  std::string last_revision;
  bool force = true;          // Flux's gate GitForcePushBranch
  bool extend_branch = true;  // GitAllBranchReferences
};

struct Pushed {
  std::string commit;  // 40 hex digits
  std::string branch;  // short
  std::string message;
  std::vector<std::string> refspecs;

  // "pushed commit '1234567' to branch 'main'", and the message on lines of its own.
  std::string Summary() const;
};

struct UpdateResult {
  bool unchanged = false;  // the remote is at last_revision
  std::string revision;    // what is in order now: observedSourceRevision
  std::optional<Pushed> pushed;
  std::vector<image_setters::SkippedFile> skipped;
};

// Thread-safe. kAborted if the remote moved meanwhile: another attempt starts from what is there
// then. Other errors as git's; all carry a reason, and no secret.
class Updater {
 public:
  // `checkouts` and `clock` must outlive it.
  Updater(const git::Checkouts& checkouts, Clock& clock) : checkouts_(checkouts), clock_(clock) {}

  absl::StatusOr<UpdateResult> Run(const Context& ctx, const UpdateRequest& request) const;

 private:
  const git::Checkouts& checkouts_;
  Clock& clock_;
};

}  // namespace sluice::image_controller
