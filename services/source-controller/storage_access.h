// The artifact storage that the flags ask for: a folder, or a bucket that replicas share.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "common/artifact/storage.h"
#include "common/base/context.h"
#include "common/cloud_identity/services.h"
#include "common/cloud_identity/token_cache.h"
#include "services/source-controller/options.h"

namespace sluice::source_controller {

// Thread-safe. What it is given must outlive it.
class StorageAccess {
 public:
  // The bucket's credentials are the process's own, as AWS's SDKs find them; it must exist.
  // kInvalidArgument for flags that do not fit, otherwise the error of the folder or the bucket.
  static absl::StatusOr<std::unique_ptr<StorageAccess>> Open(
      const Context& ctx, const Options& options, const cloud_identity::Services& services,
      cloud_identity::TokenCache& tokens);

  artifact::Storage& storage() const { return *storage_; }
  bool shared() const { return storage_->files().shared(); }

 private:
  StorageAccess() = default;

  std::unique_ptr<http::Transport> transport_;
  std::unique_ptr<artifact::Storage> storage_;
};

}  // namespace sluice::source_controller
