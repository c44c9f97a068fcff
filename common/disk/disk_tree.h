// DiskTree: a directory as a fs::Tree.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/disk/handle.h"
#include "common/fs/tree.h"

namespace sluice::disk {

// Looks at the disk with each call. No link is followed anywhere below the root, so nothing outside
// can be reached, whoever changes the directory meanwhile. Devices, FIFOs and sockets are not
// listed and cannot be read. Safe for concurrent use.
class DiskTree : public fs::Tree {
 public:
  // The tree of the directory `path`, an ordinary path of the system in which links are followed.
  // kNotFound, kFailedPrecondition if it is no directory, kPermissionDenied.
  static absl::StatusOr<std::unique_ptr<DiskTree>> Open(absl::string_view path);

  absl::StatusOr<fs::Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<fs::Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = fs::kDefaultReadLimit) const override;
  absl::Status ReadPieces(absl::string_view path, PieceReader piece) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

 private:
  explicit DiskTree(Handle root) : root_(std::move(root)) {}

  // A Tree has nothing behind a file or a link: `status` where it says otherwise.
  absl::Status AsTreeError(const absl::Status& status, absl::string_view operation,
                           absl::string_view path) const;

  Handle root_;
};

}  // namespace sluice::disk
