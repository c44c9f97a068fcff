// What this process remembers of each Kustomization between its runs, so that a run that finds
// everything as it was costs next to nothing. Losing it costs work and nothing else.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/kube/discovery.h"
#include "common/kube/object_key.h"
#include "common/runtime/store.h"
#include "common/ssa/applied_memo.h"

namespace sluice::kustomize_controller {

// The last build that was applied, and what it depended on.
struct BuildRecord {
  std::string recipe;            // digest of the spec, the variables and the keys
  std::string artifact_digest;   // built from this artifact …
  std::set<std::string> inputs;  // … of which these paths were read
  std::string inputs_digest;
  std::string manifests_digest;
  // Jobs that are deleted when they are done (ttlSecondsAfterFinished), as ObjectId::ToString().
  std::set<std::string> vanishing;
};

// A health check that goes on.
struct HealthWait {
  std::string revision;
  int64_t generation = 0;
  std::string request;  // reconcile.fluxcd.io/requestedAt
  absl::Time run_started;
  absl::Time started;
  ssa::ChangeSet changes;  // of the apply before it
};

// Objects that another Kustomization may be about to take over are not deleted yet.
struct PruneHold {
  std::string revision;
  absl::Time since;
};

// One Kustomization's. The plain members belong to whoever reconciles it, the others are shared.
struct Memory {
  std::string actor;  // user and cluster that `applied` holds for
  std::shared_ptr<ssa::AppliedMemo> applied = std::make_shared<ssa::AppliedMemo>();
  std::optional<BuildRecord> build;
  std::optional<HealthWait> waiting;
  std::optional<PruneHold> hold;

  // What others look at while it is being reconciled.
  struct Shared {
    std::shared_ptr<ssa::AppliedMemo> applied;
    // The last run believed the watch that all objects are as they should be.
    absl::Time confirmed = absl::InfinitePast();
    bool awaits_health = false;  // a check goes on, or has failed
    bool health_failed = false;
    std::string verified_revision;
    std::string attempted;  // the artifact that the last run began with (ArtifactVersion)
  };
  // A ConfigMap or Secret that it refers to changed: a health check of before is of the past.
  void NoteConfigChange(std::string subject) {
    absl::MutexLock lock(&mutex_);
    changed_config_ = std::move(subject);
  }
  // The one that changed last since this was asked, "Kind/ns/name", or "".
  std::string TakeConfigChange() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(changed_config_, "");
  }
  Shared shared() const {
    absl::MutexLock lock(&mutex_);
    return shared_;
  }
  void BeginWith(std::string artifact_version) {
    absl::MutexLock lock(&mutex_);
    shared_.attempted = std::move(artifact_version);
  }
  void Share(Shared shared) {
    absl::MutexLock lock(&mutex_);
    shared.attempted = std::move(shared_.attempted);
    shared_ = std::move(shared);
  }

 private:
  mutable absl::Mutex mutex_;
  Shared shared_ ABSL_GUARDED_BY(mutex_);
  std::string changed_config_ ABSL_GUARDED_BY(mutex_);
};

// Thread-safe.
class Memories {
 public:
  // Begins empty.
  std::shared_ptr<Memory> Of(const kube::ObjectKey& key) {
    absl::MutexLock lock(&mutex_);
    std::shared_ptr<Memory>& memory = memories_[key];
    if (memory == nullptr) memory = std::make_shared<Memory>();
    return memory;
  }
  // nullptr if there is none.
  std::shared_ptr<Memory> Find(const kube::ObjectKey& key) const {
    absl::MutexLock lock(&mutex_);
    const auto it = memories_.find(key);
    return it == memories_.end() ? nullptr : it->second;
  }
  void Forget(const kube::ObjectKey& key) {
    absl::MutexLock lock(&mutex_);
    memories_.erase(key);
  }

 private:
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<kube::ObjectKey, std::shared_ptr<Memory>> memories_ ABSL_GUARDED_BY(mutex_);
};

// What a Kustomization can see of the others. The members must outlive it.
struct Neighbours {
  const runtime::Store& store;  // of Kustomizations
  const Memories& memories;
  kube::Discovery& discovery;  // of the controller's own cluster
};

}  // namespace sluice::kustomize_controller
