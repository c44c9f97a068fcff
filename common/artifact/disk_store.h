// DiskStore: files below one folder of this machine, in the layout of Flux's source-controller.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/artifact/file_store.h"
#include "common/base/clock.h"
#include "common/disk/rooted_path.h"

namespace sluice::artifact {

// Nothing outside of the folder is read or written, and no link leads out of its directory.
class DiskStore : public FileStore {
 public:
  // Below the existing folder `root`. `clock` is that of the file system; it must outlive the
  // store.
  static absl::StatusOr<std::unique_ptr<DiskStore>> Open(const std::string& root, Clock& clock);

  bool shared() const override { return false; }
  absl::StatusOr<std::unique_ptr<FileWriter>> Create(const Context& ctx,
                                                     const std::string& path) override;
  absl::StatusOr<StoredFile> Open(const Context& ctx, const std::string& path) override;
  absl::Status Link(const Context& ctx, const std::string& path,
                    const std::string& target) override;
  absl::StatusOr<Listing> List(const Context& ctx, const std::string& directory,
                               size_t limit) override;
  absl::Status RemoveUnfinished(const Context& ctx, const std::string& directory) override;
  absl::Status Remove(const Context& ctx, const std::string& path) override;
  absl::StatusOr<bool> RemoveAll(const Context& ctx, const std::string& directory) override;

 private:
  DiskStore(disk::RootedPath root, Clock& clock) : root_(std::move(root)), clock_(clock) {}

  const disk::RootedPath root_;
  Clock& clock_;
};

}  // namespace sluice::artifact
