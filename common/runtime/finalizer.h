// Finalizers: an object of ours is not gone before its reconciler has cleaned up after it.
//
// Expected flow. Before anything is done for an object it has our finalizer, stored. When it is
// deleted, the API server only marks it; the reconciler undoes what it did and removes the
// finalizer, and with the last finalizer the object goes. Guarantees. Each patch touches the list
// only and is conditional on the resourceVersion that was read, so finalizers of others are never
// lost.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/api/meta/names.h"
#include "common/base/context.h"
#include "common/kube/client.h"

namespace sluice::runtime {

// `finalizer` is ours, that of the object's kind.
bool HasFinalizer(const Value& object, absl::string_view finalizer = api::kFinalizer);

// The object afterwards. kAborted if it was changed since `object` was read.
absl::StatusOr<Value> AddFinalizer(const Context& ctx, kube::Client& client,
                                   const kube::Resource& resource, const Value& object,
                                   absl::string_view field_manager,
                                   absl::string_view finalizer = api::kFinalizer);

// Nothing to do, and no error, for an object that is gone or has no finalizer of ours.
absl::Status RemoveFinalizer(const Context& ctx, kube::Client& client,
                             const kube::Resource& resource, const Value& object,
                             absl::string_view field_manager,
                             absl::string_view finalizer = api::kFinalizer);

// Whether `object` goes because the namespace `own`, where the controllers run, is being deleted:
// the suite is removed, and what it applied is not to go with it. Flux deletes what it still can
// then, and leaves the rest to chance (source: fluxcd.io, "Flux uninstall"). False also where we
// have no right to read the namespace.
absl::StatusOr<bool> GoesWithSuite(const Context& ctx, kube::Client& client, const Value& object,
                                   const std::string& own);

// The object as the API server has it now, with our finalizer unless it is being deleted; nullopt
// if it is gone. Where a reconciliation begins: a cache may be older than our own last write, and
// what it lacks (an inventory, say) would be forgotten.
absl::StatusOr<std::optional<Value>> LoadForReconcile(const Context& ctx, kube::Client& client,
                                                      const kube::Resource& resource,
                                                      const kube::ObjectKey& key,
                                                      absl::string_view field_manager);

}  // namespace sluice::runtime
