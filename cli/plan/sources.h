// Sources: the files behind a sourceRef: the repository itself, artifacts that its
// ArtifactGenerators compose, and folders that the user names.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "cli/plan/cluster_plan.h"
#include "common/api/meta/reference.h"
#include "common/base/context.h"
#include "common/fs/tree.h"

namespace sluice::plan {

// By "Kind/namespace/name".
using LocalSources = std::map<std::string, std::shared_ptr<const fs::Tree>>;

// Thread-safe.
class Sources {
 public:
  // `repository` is what the root Kustomization's source holds. `plan` must outlive this.
  Sources(std::shared_ptr<const fs::Tree> repository, const LocalSources& local,
          const ClusterPlan& plan)
      : repository_(std::move(repository)), local_(local), plan_(plan) {}

  // The source of the root Kustomization; set before others are asked for.
  void SetRoot(api::SourceReference root) { root_ = std::move(root); }

  // kNotFound if it may come with a unit that is still to be rendered (an ExternalArtifact that
  // nobody makes); kUnavailable, saying where it is, for a source outside this repository; the
  // errors of composing an artifact.
  absl::StatusOr<std::shared_ptr<const fs::Tree>> Find(const Context& ctx,
                                                       const api::SourceReference& reference);

 private:
  absl::StatusOr<std::shared_ptr<const fs::Tree>> Generated(const Context& ctx,
                                                            const kube::ObjectKey& artifact);
  // Whether a declared source is this very repository.
  bool IsRepository(const api::SourceReference& reference, const Value& declared) const;

  const std::shared_ptr<const fs::Tree> repository_;
  const LocalSources& local_;
  const ClusterPlan& plan_;
  api::SourceReference root_;
  absl::Mutex mutex_;
  std::map<kube::ObjectKey, std::shared_ptr<const fs::Tree>> generated_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::plan
