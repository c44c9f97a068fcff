// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/helm_release/source_stores.h"

#include "common/api/kinds.h"

namespace sluice::helm_controller {

void SourceStores::OnArtifact(const api::SourceReference& source, const std::string& digest) {
  absl::MutexLock lock(&mutex_);
  told_.insert_or_assign(source, digest);
}

void SourceStores::Forget(const api::SourceReference& source) {
  absl::MutexLock lock(&mutex_);
  told_.erase(source);
}

kube::ObjectPtr SourceStores::Cached(const api::SourceReference& source) const {
  const auto store = stores_.find(source.kind);
  if (direct_ || store == stores_.end()) return nullptr;
  return store->second->Find(source.key);
}

absl::StatusOr<Value> SourceStores::Get(const Context& ctx,
                                        const api::SourceReference& source) const {
  const kube::ObjectPtr cached = Cached(source);
  if (cached != nullptr) {
    absl::MutexLock lock(&mutex_);
    const auto told = told_.find(source);
    if (told == told_.end() || told->second == (*cached)["status"]["artifact"]["digest"].str()) {
      return *cached;
    }
  }
  return client_.Get(ctx, api::KindOrDie(source.kind), source.key);
}

}  // namespace sluice::helm_controller
