// SourceTree: the files of a repository at one revision as Flux would pack them, each with an
// identity of its content that is known without reading it: the names of Git's objects.
//
// A commit is read straight from the object store, without a checkout. A folder, a work tree say,
// is read from disk, and its files get the names that Git would give them, so that a commit and a
// work tree that hold the same are the same here. Neither is written to.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/fs/tree.h"
#include "common/git/object_id.h"

namespace sluice::plan {

// Where the bytes of files come from.
class FileContents {
 public:
  virtual ~FileContents() = default;
  virtual absl::StatusOr<std::string> Read(absl::string_view path, const git::ObjectId& id,
                                           size_t limit) const = 0;
  virtual absl::StatusOr<uint64_t> Size(absl::string_view path, const git::ObjectId& id) const = 0;
};

// Thread-safe. What .sourceignore files and Flux's own rules leave out is not there.
class SourceTree : public fs::Tree {
 public:
  // The tree of the commit that `revision` names ("HEAD", "main", "v1.2~3", a hash), as `git
  // rev-parse` reads it. What is as it is in `like` (may be null), another commit of the same
  // repository, is shared with it. kNotFound if `repository` has no such commit, or is none.
  static absl::StatusOr<std::shared_ptr<const SourceTree>> OpenCommit(const std::string& repository,
                                                                      const std::string& revision,
                                                                      const SourceTree* like);
  // The files of a folder as they are on disk now; ".git" is left out.
  static absl::StatusOr<std::shared_ptr<const SourceTree>> OpenFolder(const std::string& folder);

  // "main@sha1:0123…" or the folder's path.
  const std::string& label() const { return label_; }

  // What stands for the content of `path`, which may be absent; of "folder/" for its listing.
  std::string ContentId(absl::string_view path) const;
  // The same for everything below a folder.
  std::string FolderId(absl::string_view path) const;

  absl::StatusOr<fs::Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<fs::Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = fs::kDefaultReadLimit) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

  struct Node {
    fs::EntryType type = fs::EntryType::kFile;
    bool executable = false;
    git::ObjectId id;  // zero: not known yet
    std::map<std::string, std::shared_ptr<const Node>, std::less<>> children;
  };
  using NodePointer = std::shared_ptr<const Node>;

 private:
  SourceTree() = default;

  absl::Status LeaveOutIgnored(const SourceTree* like);
  NodePointer Filtered(const NodePointer& node, const std::string& path, const NodePointer& like,
                       const NodePointer& like_filtered) const;
  const Node* Find(absl::string_view path) const;
  git::ObjectId IdOf(absl::string_view path, const Node& node) const;

  std::string label_;
  std::shared_ptr<const FileContents> contents_;
  NodePointer all_;         // with what is ignored
  NodePointer root_;        // without
  std::string rules_text_;  // the ignore files, to tell equal rules
  struct Rules;
  std::shared_ptr<const Rules> rules_;
  mutable absl::Mutex mutex_;
  mutable absl::flat_hash_map<const Node*, git::ObjectId> ids_ ABSL_GUARDED_BY(mutex_);
};

// One digest of all `inputs` of a build (kustomize::BuildResult::inputs): while it is the same, so
// is what is built. Raw bytes.
std::string InputsId(const fs::Tree& tree, const std::set<std::string>& inputs);
// The same of everything below `path`.
std::string FolderId(const fs::Tree& tree, absl::string_view path);

}  // namespace sluice::plan
