// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/git_repository/includes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/api/kinds.h"
#include "common/api/meta/reason.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/overlay_tree.h"

namespace sluice::source_controller {
namespace {

absl::StatusOr<std::shared_ptr<const fs::Tree>> WithInclude(
    const Context& ctx, const artifact::Storage& storage, std::shared_ptr<const fs::Tree> tree,
    const api::GitInclude& include, const std::string& to_path, const api::Artifact& artifact) {
  ASSIGN_OR_RETURN(std::shared_ptr<const fs::Tree> inner, storage.Unpack(ctx, artifact));
  ASSIGN_OR_RETURN(const std::string from, fs::SecureJoin("", include.from_path));
  return fs::OverlayTree::Create(std::move(tree), to_path, std::move(inner), from);
}

}  // namespace

absl::StatusOr<std::vector<api::Artifact>> FindIncludes(
    const Context& ctx, kube::Client& client, const std::string& ns,
    const std::vector<api::GitInclude>& includes) {
  std::vector<api::Artifact> found;
  for (const api::GitInclude& include : includes) {
    const auto repository =
        client.Get(ctx, api::KindOrDie("GitRepository"), {ns, include.repository});
    if (!repository.ok()) {
      // Flux reads its cache, whose errors name the kind and not the resource.
      const absl::Status error =
          absl::IsNotFound(repository.status())
              ? absl::NotFoundError(absl::StrCat("GitRepository.", api::kSourceGroup, " \"",
                                                 include.repository, "\" not found"))
              : repository.status();
      return api::WithReason(Annotate(error, absl::StrCat("could not get resource for include '",
                                                          include.repository, "'")),
                             "NotFound");
    }
    auto artifact = api::Artifact::Decode((*repository)["status"]["artifact"]);
    if (!artifact.has_value()) {
      return api::WithReason(absl::FailedPreconditionError(absl::StrCat(
                                 "no artifact available for include '", include.repository, "'")),
                             "NoArtifact");
    }
    found.push_back(*std::move(artifact));
  }
  return found;
}

bool IncludesDiffer(const std::vector<api::Artifact>& found,
                    const std::vector<api::Artifact>& observed) {
  if (found.size() != observed.size()) return true;
  return !std::all_of(found.begin(), found.end(), [&observed](const api::Artifact& artifact) {
    return std::any_of(observed.begin(), observed.end(), [&artifact](const api::Artifact& old) {
      return old.revision == artifact.revision;
    });
  });
}

absl::StatusOr<std::shared_ptr<const fs::Tree>> WithIncludes(
    const Context& ctx, const artifact::Storage& storage, std::shared_ptr<const fs::Tree> tree,
    const std::vector<api::GitInclude>& includes, const std::vector<api::Artifact>& artifacts) {
  for (size_t i = 0; i < includes.size(); ++i) {
    const api::GitInclude& include = includes[i];
    const auto to_path = fs::SecureJoin("", include.EffectiveToPath());
    if (!to_path.ok()) {
      return api::WithReason(
          Annotate(to_path.status(),
                   absl::StrCat("path calculation for include '", include.repository, "' failed")),
          "IllegalPath");
    }
    auto with = WithInclude(ctx, storage, std::move(tree), include, *to_path, artifacts[i]);
    if (!with.ok()) {
      return api::WithReason(
          Annotate(with.status(),
                   absl::StrCat("failed to copy '", include.repository, "' include from ",
                                include.from_path, " to ", include.EffectiveToPath())),
          "CopyFailure");
    }
    tree = *std::move(with);
  }
  return tree;
}

}  // namespace sluice::source_controller
