// spec.include: folders of other GitRepositories' artifacts in this one's (spec/source.md §3.1).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/api/source/git_repository.h"
#include "common/artifact/storage.h"
#include "common/base/context.h"
#include "common/fs/tree.h"
#include "common/kube/client.h"

namespace sluice::source_controller {

// The artifacts of the repositories that `includes` names, in its order, as their statuses have
// them now. Errors carry the reason of IncludeUnavailable: "NotFound" or "NoArtifact".
absl::StatusOr<std::vector<api::Artifact>> FindIncludes(
    const Context& ctx, kube::Client& client, const std::string& ns,
    const std::vector<api::GitInclude>& includes);

// Whether the revisions of `found` are not those of `observed`; their order does not matter.
bool IncludesDiffer(const std::vector<api::Artifact>& found,
                    const std::vector<api::Artifact>& observed);

// `tree` with what each of `includes` takes of its artifact. Errors carry the reason of
// StorageOperationFailed: "IllegalPath" or "CopyFailure".
absl::StatusOr<std::shared_ptr<const fs::Tree>> WithIncludes(
    const Context& ctx, const artifact::Storage& storage, std::shared_ptr<const fs::Tree> tree,
    const std::vector<api::GitInclude>& includes, const std::vector<api::Artifact>& artifacts);

}  // namespace sluice::source_controller
