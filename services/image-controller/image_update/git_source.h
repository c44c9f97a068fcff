// The Git repository that an automation edits: where it is, how to get there, and which branches
// are read and written (spec/image.md §8.3, §8.8).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/api/image/image_update_automation.h"
#include "common/base/context.h"
#include "common/credentials/git_access.h"
#include "common/git/auth.h"
#include "common/git/checkout.h"
#include "services/image-controller/image/collaborators.h"
#include "services/image-controller/image_update/signing.h"

namespace sluice::image_controller {

struct GitSource {
  std::string url;
  git::Auth auth;
  git::RemoteOptions remote;
  git::Reference reference;  // to check out
  std::string push_branch;   // short
  bool switches = false;     // the push branch is not the one that is checked out
  bool is_followed = false;  // the GitRepository follows the push branch
  absl::Duration timeout;    // of the checkout, and of the push
  SignCommit sign;           // empty: commits are not signed
};

// `spec` of the automation `automation`. Errors carry a reason, and are marked if only another
// object ends them (api/meta/reason.h).
absl::StatusOr<GitSource> FindGitSource(const Context& ctx, const Collaborators& with,
                                        const kube::ObjectKey& automation,
                                        const api::ImageUpdateAutomationSpec& spec);

}  // namespace sluice::image_controller
