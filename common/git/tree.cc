// SPDX-License-Identifier: Apache-2.0
#include "common/git/tree.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/fs/tree_errors.h"

namespace sluice::git {
namespace {

constexpr size_t kMaxCachedTrees = 256;
constexpr size_t kMaxLinkTarget = 4096;

}  // namespace

CommitTree::CommitTree(std::shared_ptr<const ObjectStore> store, const ObjectId& root)
    : store_(std::move(store)), root_(root) {}

absl::StatusOr<CommitTree::Entries> CommitTree::Load(const ObjectId& tree) const {
  {
    absl::MutexLock lock(&mutex_);
    const auto found = cache_.find(tree);
    if (found != cache_.end()) return found->second;
  }
  ASSIGN_OR_RETURN(std::vector<TreeEntry> entries, ReadTree(*store_, tree));
  auto shared = std::make_shared<const std::vector<TreeEntry>>(std::move(entries));
  absl::MutexLock lock(&mutex_);
  if (cache_.size() >= kMaxCachedTrees) cache_.clear();
  cache_.emplace(tree, shared);
  return shared;
}

absl::StatusOr<TreeEntry> CommitTree::Find(absl::string_view operation,
                                           absl::string_view path) const {
  ObjectId directory = root_;
  for (absl::string_view rest = path;;) {
    const size_t slash = rest.find('/');
    const absl::string_view name = rest.substr(0, slash);
    ASSIGN_OR_RETURN(const Entries entries, Load(directory));
    const auto found = std::lower_bound(
        entries->begin(), entries->end(), name,
        [](const TreeEntry& entry, absl::string_view wanted) { return entry.name < wanted; });
    if (found == entries->end() || found->name != name) return fs::NoSuchEntry(operation, path);
    if (slash == absl::string_view::npos) return *found;
    if (!found->IsDirectory()) return fs::NoSuchEntry(operation, path);
    directory = found->id;
    rest.remove_prefix(slash + 1);
  }
}

absl::StatusOr<fs::Entry> CommitTree::ToEntry(const TreeEntry& entry) const {
  fs::Entry result{.name = entry.name};
  if (entry.IsDirectory() || entry.IsSubmodule()) {
    result.type = fs::EntryType::kDirectory;
  } else if (entry.IsSymlink()) {
    result.type = fs::EntryType::kSymlink;
  } else {
    result.executable = entry.IsExecutable();
    ASSIGN_OR_RETURN(const ObjectHeader header, store_->Header(entry.id));
    result.size = header.size;
  }
  return result;
}

absl::StatusOr<fs::Entry> CommitTree::Stat(absl::string_view path) const {
  if (path.empty()) return fs::Entry{.name = "", .type = fs::EntryType::kDirectory};
  ASSIGN_OR_RETURN(const TreeEntry entry, Find("stat", path));
  return ToEntry(entry);
}

absl::StatusOr<std::vector<fs::Entry>> CommitTree::List(absl::string_view path) const {
  ObjectId directory = root_;
  if (!path.empty()) {
    ASSIGN_OR_RETURN(const TreeEntry entry, Find("open", path));
    if (entry.IsSubmodule()) return std::vector<fs::Entry>();
    if (!entry.IsDirectory()) return fs::NotADirectory("open", path);
    directory = entry.id;
  }
  ASSIGN_OR_RETURN(const Entries entries, Load(directory));
  std::vector<fs::Entry> result;
  result.reserve(entries->size());
  for (const TreeEntry& entry : *entries) {
    ASSIGN_OR_RETURN(fs::Entry converted, ToEntry(entry));
    result.push_back(std::move(converted));
  }
  return result;
}

absl::StatusOr<std::string> CommitTree::Read(absl::string_view path, size_t limit) const {
  if (path.empty()) return fs::NotAFile("open", path);
  ASSIGN_OR_RETURN(const TreeEntry entry, Find("open", path));
  if (!entry.IsFile()) return fs::NotAFile("open", path);
  absl::StatusOr<Object> blob = store_->Read(entry.id, limit);
  if (absl::IsResourceExhausted(blob.status())) return fs::FileTooLarge(path, limit);
  if (!blob.ok()) return blob.status();
  return std::move(blob->bytes);
}

absl::Status CommitTree::ReadPieces(absl::string_view path, PieceReader piece) const {
  if (path.empty()) return fs::NotAFile("open", path);
  ASSIGN_OR_RETURN(const TreeEntry entry, Find("open", path));
  if (!entry.IsFile()) return fs::NotAFile("open", path);
  bool read = false;
  const absl::Status status = store_->UseBlob(entry.id, [&](absl::string_view bytes) {
    read = true;
    return bytes.empty() ? absl::OkStatus() : piece(bytes);
  });
  return read ? status : Annotate(status, path);
}

absl::StatusOr<std::string> CommitTree::ReadLink(absl::string_view path) const {
  if (path.empty()) return fs::NotALink("readlink", path);
  ASSIGN_OR_RETURN(const TreeEntry entry, Find("readlink", path));
  if (!entry.IsSymlink()) return fs::NotALink("readlink", path);
  ASSIGN_OR_RETURN(Object blob, store_->Read(entry.id, kMaxLinkTarget));
  return std::move(blob.bytes);
}

absl::StatusOr<ObjectId> CommitTree::SubmoduleCommit(absl::string_view path) const {
  if (!path.empty()) {
    ASSIGN_OR_RETURN(const TreeEntry entry, Find("stat", path));
    if (entry.IsSubmodule()) return entry.id;
  }
  return absl::FailedPreconditionError(absl::StrCat("\"", path, "\" is no submodule"));
}

}  // namespace sluice::git
