// Making the cluster hold the objects of a release (spec/helm.md §5.7): by server-side apply or,
// for releases made so, by patches worked out here.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "services/helm-controller/action/environment.h"
#include "services/helm-controller/action/resource.h"

namespace sluice::helm_controller {

struct ApplyOptions {
  bool server_side = true;
  bool force_replace = false;  // PUT instead of a patch; not with server_side
  // The release was applied from the client so far, or its objects are being adopted: our fields
  // become those of server-side apply first.
  bool take_over_fields = false;
  // UpdateResult::created is wanted, which costs a read of each object.
  bool tell_created = false;
  // Custom resources are compared with the live object too (adoption at install); else their patch
  // is from the old manifest to the new.
  bool three_way_custom = false;
};

// Creates all, those after one that fails too; errors are joined by line feeds. An object that
// exists is updated with server_side (a conflict unless take_over_fields), kAlreadyExists without.
// Notes in `resources` what was written.
absl::Status CreateAll(const Context& ctx, const Environment& with, const ApplyOptions& options,
                       Resources& resources);

struct UpdateResult {
  absl::Status status;
  Resources created;  // without tell_created only some
};

// From `originals`, what the release held, to `targets`: creates, changes, and in the end, if all
// went well, deletes what is no longer wanted and has no resource policy keep. Notes in `targets`
// what was written.
UpdateResult UpdateAll(const Context& ctx, const Environment& with, const Resources& originals,
                       const ApplyOptions& options, Resources& targets);

// Those of `resources` that are in the cluster. With `check_ownership`, one that is not the
// release's is an error.
absl::StatusOr<Resources> FindExisting(const Context& ctx, const Environment& with,
                                       const Resources& resources, bool check_ownership,
                                       const std::string& release, const std::string& ns);

// Deletes all, going on after errors, which are joined by "; ". What is gone already is no error.
absl::Status DeleteAll(const Context& ctx, const Environment& with, const Resources& resources,
                       kube::Propagation propagation);

}  // namespace sluice::helm_controller
