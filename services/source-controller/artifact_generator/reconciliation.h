// One reconciliation of one ArtifactGenerator (fluxcd/source-watcher 2.2): observe the sources,
// and if anything differs from what was made last, compose, store and publish anew.
//
// Guarantees. Whatever is made is in status.inventory, or carries the generator's label, before
// anything can fail afterwards, so that it is deleted with the generator or when its spec no longer
// names it. An ExternalArtifact that another generator has made is neither overwritten nor deleted.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/api/source/artifact_generator.h"
#include "common/artifact/fetcher.h"
#include "common/artifact_composition/path_pattern.h"
#include "common/runtime/reconciler.h"
#include "common/runtime/status_writer.h"
#include "services/source-controller/artifact_generator/sources.h"
#include "services/source-controller/source/collaborators.h"

namespace sluice::source_controller {

// The field manager, and the value of the label app.kubernetes.io/managed-by, of what is made: that
// of Flux's controller for this kind, so that each can take over from the other.
inline constexpr char kGeneratorManager[] = "source-watcher";

// Not thread-safe; used once: Run() or Remove().
class GeneratorReconciliation {
 public:
  // What `with` refers to and `fetcher` must outlive it. `is_new`: our finalizer was added just
  // now.
  GeneratorReconciliation(const Collaborators& with, artifact::Fetcher& fetcher, Value object,
                          bool is_new);

  absl::StatusOr<runtime::Action> Run(const Context& ctx);
  // Deletes what a deleted generator has made and lets it go.
  absl::Status Remove(const Context& ctx);

 private:
  absl::StatusOr<runtime::Action> Attempt(const Context& ctx);
  // Whether what was made last is no longer what is wanted, or not all there.
  bool HasDrifted(const Context& ctx, const api::ArtifactGeneratorSpec& spec,
                  absl::string_view sources_digest, std::span<const Value> existing) const;
  // Makes one artifact and its ExternalArtifact.
  absl::StatusOr<api::GeneratedArtifact> Make(const Context& ctx,
                                              const api::ArtifactGeneratorSpec& spec,
                                              const artifact_composition::PlannedArtifact& planned,
                                              const ObservedSources& observed,
                                              const artifact_composition::SourceTrees& sources);
  absl::StatusOr<api::GeneratedArtifact> Publish(
      const Context& ctx, const api::ArtifactGeneratorSpec& spec,
      const artifact_composition::PlannedArtifact& planned, const Value& existing,
      const api::Artifact& artifact);
  // The ExternalArtifacts that carry the generator's label.
  absl::StatusOr<std::vector<Value>> FindMade(const Context& ctx) const;
  // Deletes what was made and is not in `wanted`.
  absl::Status DeleteOrphans(const Context& ctx, std::span<const api::GeneratedArtifact> wanted);
  absl::Status DeleteMade(const Context& ctx, const kube::ObjectKey& key);

  // Ready=False, and the event that says so. `status` comes back.
  absl::Status Fail(absl::string_view reason, absl::Status status);
  runtime::Action Stall(absl::string_view reason, absl::string_view message);
  void Set(absl::string_view type, api::ConditionStatus condition, absl::string_view reason,
           absl::string_view message);
  void Progress();
  void Event(runtime::Severity severity, absl::string_view reason, absl::string_view message);
  // Puts conditions in order at the end, and writes the status.
  absl::Status Finish(const Context& ctx);

  kube::ObjectKey key() const;

  const Collaborators& with_;
  artifact::Fetcher& fetcher_;
  const Value object_;
  const bool is_new_;
  const api::ArtifactGeneratorStatus before_;
  api::ArtifactGeneratorStatus status_;
  runtime::StatusWriter writer_;
};

}  // namespace sluice::source_controller
