// SourceStores: the sources of charts as watches show them, so that reading one is no request.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/api/meta/reference.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/runtime/store.h"

namespace sluice::helm_controller {

// Thread-safe. `client` and the stores must outlive it.
class SourceStores {
 public:
  // With `direct`, sources are read from the API server (gate DirectSourceFetch).
  SourceStores(kube::Client& client, bool direct) : client_(client), direct_(direct) {}

  // Sources of `kind` are found in `store`. Before anything is looked up.
  void Add(const std::string& kind, const runtime::Store& store) { stores_[kind] = &store; }

  // The newest artifact of `source`, by its digest, that anybody told of. The watch may not have
  // shown it yet.
  void OnArtifact(const api::SourceReference& source, const std::string& digest);

  // `source` is gone.
  void Forget(const api::SourceReference& source);

  // The source, read from the API server if the watch has not shown it, or not its newest artifact.
  absl::StatusOr<Value> Get(const Context& ctx, const api::SourceReference& source) const;
  // As the watch shows it; nullptr if it does not.
  kube::ObjectPtr Cached(const api::SourceReference& source) const;

 private:
  kube::Client& client_;
  const bool direct_;
  absl::flat_hash_map<std::string, const runtime::Store*> stores_;  // by kind
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<api::SourceReference, std::string> told_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::helm_controller
