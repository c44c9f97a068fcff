// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/object_loader.h"

#include <utility>

#include "common/base/status_macros.h"
#include "common/kube/object.h"
#include "common/runtime/finalizer.h"

namespace sluice::runtime {
ObjectLoader::ObjectLoader(const Store& store, kube::Client& client, const kube::Resource& resource,
                           std::string field_manager)
    : store_(store),
      client_(client),
      resource_(resource),
      field_manager_(std::move(field_manager)) {}

uint64_t ObjectLoader::LastWrite(const kube::ObjectKey& key) const {
  absl::MutexLock lock(&mutex_);
  const auto it = writes_.find(key);
  return it == writes_.end() ? 0 : it->second;
}

void ObjectLoader::NoteWrite(const kube::ObjectKey& key, absl::string_view resource_version) {
  absl::MutexLock lock(&mutex_);
  if (const uint64_t number = kube::VersionNumber(resource_version); number != 0) {
    writes_[key] = number;
  } else {
    writes_.erase(key);
  }
}

absl::StatusOr<std::optional<Value>> ObjectLoader::Load(const Context& ctx,
                                                        const kube::ObjectKey& key) {
  const kube::ObjectPtr cached = store_.Find(key);
  if (cached == nullptr) {
    NoteWrite(key, "");
    return std::nullopt;
  }
  const uint64_t last_write = LastWrite(key);
  const bool is_new =
      last_write != 0 && kube::VersionNumber(kube::ResourceVersion(*cached)) >= last_write;
  const bool lacks_finalizer = !kube::Deleting(*cached) && !HasFinalizer(*cached);
  if (is_new && !lacks_finalizer) return *cached;

  absl::StatusOr<Value> object = absl::AbortedError("not written");
  if (lacks_finalizer) {
    // Conditional on the cached version: if it goes through, the answer is the newest there is.
    object = AddFinalizer(ctx, client_, resource_, *cached, field_manager_);
  }
  if (absl::IsAborted(object.status())) {
    ASSIGN_OR_RETURN(auto read, LoadForReconcile(ctx, client_, resource_, key, field_manager_));
    if (!read.has_value()) return std::nullopt;
    object = *std::move(read);
  }
  if (absl::IsNotFound(object.status())) return std::nullopt;
  RETURN_IF_ERROR(object.status());
  NoteWrite(key, kube::ResourceVersion(*object));
  return *std::move(object);
}

}  // namespace sluice::runtime
