// A commit's files as an fs::Tree, read straight from the object database: nothing is checked out.
// Modes are Git's, there is no conversion of line ends and no filter. A submodule is an empty
// directory.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/fs/tree.h"
#include "common/git/object_id.h"
#include "common/git/object_store.h"

namespace sluice::git {

// Thread-safe. Besides fs::Tree's errors: kDataLoss when the repository is found damaged, which
// `store` is told by its owner's wrapper (mirror.h).
class CommitTree : public fs::Tree {
 public:
  // `root` is the commit's tree. Shares `store`, which may keep more alive than itself.
  CommitTree(std::shared_ptr<const ObjectStore> store, const ObjectId& root);

  absl::StatusOr<fs::Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<fs::Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = fs::kDefaultReadLimit) const override;
  absl::Status ReadPieces(absl::string_view path, PieceReader piece) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

  // The commit that a submodule's entry at `path` names; kFailedPrecondition if it is none.
  absl::StatusOr<ObjectId> SubmoduleCommit(absl::string_view path) const;

 private:
  using Entries = std::shared_ptr<const std::vector<TreeEntry>>;

  // The entry at `path`, which is not the root.
  absl::StatusOr<TreeEntry> Find(absl::string_view operation, absl::string_view path) const;
  absl::StatusOr<Entries> Load(const ObjectId& tree) const;
  absl::StatusOr<fs::Entry> ToEntry(const TreeEntry& entry) const;

  const std::shared_ptr<const ObjectStore> store_;
  const ObjectId root_;
  mutable absl::Mutex mutex_;
  // Trees read of late, so that a walk does not parse every parent anew for every file.
  mutable absl::flat_hash_map<ObjectId, Entries> cache_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sluice::git
