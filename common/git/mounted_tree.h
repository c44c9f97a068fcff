// A tree with other trees in place of some of its directories: a commit with its submodules.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/tree.h"

namespace sluice::git {

// Thread-safe if the trees are.
class MountedTree : public fs::Tree {
 public:
  using Mounts = std::map<std::string, std::shared_ptr<const fs::Tree>, std::less<>>;

  // The keys of `mounts` are clean paths of directories of `base`, none below another.
  MountedTree(std::shared_ptr<const fs::Tree> base, Mounts mounts)
      : base_(std::move(base)), mounts_(std::move(mounts)) {}

  absl::StatusOr<fs::Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<fs::Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = fs::kDefaultReadLimit) const override;
  absl::Status ReadPieces(absl::string_view path, PieceReader piece) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

 private:
  // The tree that has `path`, and what the path is there.
  std::pair<const fs::Tree*, absl::string_view> Find(absl::string_view path) const;

  const std::shared_ptr<const fs::Tree> base_;
  const Mounts mounts_;
};

}  // namespace sluice::git
