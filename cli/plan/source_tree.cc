// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/source_tree.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"
#include "common/disk/disk_tree.h"
#include "common/fs/memory_tree.h"
#include "common/fs/tree_errors.h"
#include "common/fs/walk.h"
#include "common/git/object_store.h"
#include "common/git/repository.h"
#include "common/git/revision.h"
#include "common/gitignore/rules.h"
#include "common/kustomize/inputs.h"

namespace sluice::plan {
namespace {

using Node = SourceTree::Node;
using NodePointer = SourceTree::NodePointer;

constexpr size_t kMaxLinkTarget = 4096;
constexpr size_t kMaxDepth = 256;

std::string Join(absl::string_view folder, absl::string_view name) {
  return folder.empty() ? std::string(name) : absl::StrCat(folder, "/", name);
}

char TypeLetter(fs::EntryType type) {
  return type == fs::EntryType::kDirectory ? 'd' : type == fs::EntryType::kSymlink ? 'l' : 'f';
}

class CommitContents : public FileContents {
 public:
  explicit CommitContents(std::shared_ptr<git::Repository> repository)
      : repository_(std::move(repository)) {}

  absl::StatusOr<std::string> Read(absl::string_view path, const git::ObjectId& id,
                                   size_t limit) const override {
    absl::StatusOr<git::Object> blob = repository_->objects().Read(id, limit);
    if (absl::IsResourceExhausted(blob.status())) return fs::FileTooLarge(path, limit);
    if (!blob.ok()) return Annotate(blob.status(), path);
    return std::move(blob->bytes);
  }
  absl::StatusOr<uint64_t> Size(absl::string_view, const git::ObjectId& id) const override {
    ASSIGN_OR_RETURN(const git::ObjectHeader header, repository_->objects().Header(id));
    return header.size;
  }

 private:
  const std::shared_ptr<git::Repository> repository_;
};

class FolderContents : public FileContents {
 public:
  explicit FolderContents(std::unique_ptr<disk::DiskTree> tree) : tree_(std::move(tree)) {}

  absl::StatusOr<std::string> Read(absl::string_view path, const git::ObjectId&,
                                   size_t limit) const override {
    ASSIGN_OR_RETURN(const fs::Entry entry, tree_->Stat(path));
    return entry.type == fs::EntryType::kSymlink ? tree_->ReadLink(path) : tree_->Read(path, limit);
  }
  absl::StatusOr<uint64_t> Size(absl::string_view path, const git::ObjectId&) const override {
    ASSIGN_OR_RETURN(const fs::Entry entry, tree_->Stat(path));
    return entry.size;
  }

 private:
  const std::unique_ptr<disk::DiskTree> tree_;
};

absl::StatusOr<NodePointer> LoadTree(const git::ObjectStore& store, const git::ObjectId& id,
                                     const Node* like, size_t depth) {
  if (depth > kMaxDepth) return absl::ResourceExhaustedError("folders nest too deeply");
  auto node = std::make_shared<Node>();
  node->type = fs::EntryType::kDirectory;
  node->id = id;
  ASSIGN_OR_RETURN(const std::vector<git::TreeEntry> entries, git::ReadTree(store, id));
  for (const git::TreeEntry& entry : entries) {
    const auto same =
        like == nullptr ? decltype(like->children.begin())() : like->children.find(entry.name);
    const NodePointer twin =
        like == nullptr || same == like->children.end() ? nullptr : same->second;
    NodePointer& child = node->children[entry.name];
    if (entry.IsDirectory()) {
      if (twin != nullptr && twin->type == fs::EntryType::kDirectory && twin->id == entry.id) {
        child = twin;
      } else {
        ASSIGN_OR_RETURN(child, LoadTree(store, entry.id, twin.get(), depth + 1));
      }
      continue;
    }
    auto leaf = std::make_shared<Node>();
    leaf->type = entry.IsSymlink()     ? fs::EntryType::kSymlink
                 : entry.IsSubmodule() ? fs::EntryType::kDirectory
                                       : fs::EntryType::kFile;
    leaf->executable = entry.IsExecutable();
    leaf->id = entry.id;
    child = std::move(leaf);
  }
  return node;
}

absl::StatusOr<NodePointer> LoadFolder(const disk::DiskTree& tree, const std::string& path,
                                       size_t depth) {
  if (depth > kMaxDepth) return absl::ResourceExhaustedError("folders nest too deeply");
  auto node = std::make_shared<Node>();
  node->type = fs::EntryType::kDirectory;
  ASSIGN_OR_RETURN(const std::vector<fs::Entry> entries, tree.List(path));
  for (const fs::Entry& entry : entries) {
    if (entry.name == ".git") continue;
    NodePointer& child = node->children[entry.name];
    if (entry.type == fs::EntryType::kDirectory) {
      ASSIGN_OR_RETURN(child, LoadFolder(tree, Join(path, entry.name), depth + 1));
      continue;
    }
    auto leaf = std::make_shared<Node>();
    leaf->type = entry.type;
    leaf->executable = entry.executable;
    child = std::move(leaf);
  }
  return node;
}

// The paths of all ignore files below `node`.
void FindIgnoreFiles(const Node& node, const std::string& path, std::vector<std::string>& paths) {
  for (const auto& [name, child] : node.children) {
    if (child->type == fs::EntryType::kDirectory) {
      FindIgnoreFiles(*child, Join(path, name), paths);
    } else if (name == gitignore::kIgnoreFile) {
      paths.push_back(Join(path, name));
    }
  }
}

}  // namespace

struct SourceTree::Rules {
  gitignore::Rules rules;
};

absl::StatusOr<std::shared_ptr<const SourceTree>> SourceTree::OpenCommit(
    const std::string& repository, const std::string& revision, const SourceTree* like) {
  ASSIGN_OR_RETURN(std::shared_ptr<git::Repository> opened, git::Repository::Open(repository));
  ASSIGN_OR_RETURN(const git::ObjectId id, opened->ParseRevision(revision));
  ASSIGN_OR_RETURN(const git::Commit commit, git::ReadCommit(opened->objects(), id));
  std::shared_ptr<SourceTree> tree(new SourceTree());
  tree->label_ = absl::StrCat(revision, "@", git::HashDigest(id.Hex()));
  ASSIGN_OR_RETURN(tree->all_, LoadTree(opened->objects(), commit.tree,
                                        like == nullptr ? nullptr : like->all_.get(), 0));
  tree->contents_ = std::make_shared<CommitContents>(std::move(opened));
  RETURN_IF_ERROR(tree->LeaveOutIgnored(like));
  return tree;
}

absl::StatusOr<std::shared_ptr<const SourceTree>> SourceTree::OpenFolder(
    const std::string& folder) {
  ASSIGN_OR_RETURN(std::unique_ptr<disk::DiskTree> on_disk, disk::DiskTree::Open(folder));
  std::shared_ptr<SourceTree> tree(new SourceTree());
  tree->label_ = folder;
  ASSIGN_OR_RETURN(tree->all_, LoadFolder(*on_disk, "", 0));
  tree->contents_ = std::make_shared<FolderContents>(std::move(on_disk));
  RETURN_IF_ERROR(tree->LeaveOutIgnored(nullptr));
  return tree;
}

absl::Status SourceTree::LeaveOutIgnored(const SourceTree* like) {
  root_ = all_;  // what the ignore files are read from
  std::vector<std::string> paths;
  FindIgnoreFiles(*all_, "", paths);
  fs::MemoryTree files;
  bool linked = false;
  for (const std::string& path : paths) {
    absl::StrAppend(&rules_text_, path, "\n", ContentId(path), "\n");
    if (Find(path)->type == fs::EntryType::kSymlink) {
      linked = true;
      continue;
    }
    ASSIGN_OR_RETURN(std::string text, Read(path, gitignore::kMaxIgnoreFileBytes));
    RETURN_IF_ERROR(files.AddFile(path, std::move(text)));
  }
  const bool same_rules = like != nullptr && like->rules_text_ == rules_text_ && !linked;
  if (same_rules) {
    rules_ = like->rules_;
  } else {
    // Looking for ignore files through all of the tree is slow, but follows links.
    const fs::Tree& tree = linked ? static_cast<const fs::Tree&>(*this) : files;
    ASSIGN_OR_RETURN(gitignore::Rules rules, gitignore::ArtifactRules(tree, ""));
    rules_ = std::make_shared<const Rules>(Rules{std::move(rules)});
  }
  root_ = same_rules ? Filtered(all_, "", like->all_, like->root_)
                     : Filtered(all_, "", nullptr, nullptr);
  return absl::OkStatus();
}

NodePointer SourceTree::Filtered(const NodePointer& node, const std::string& path,
                                 const NodePointer& like, const NodePointer& like_filtered) const {
  if (node == like && like_filtered != nullptr) return like_filtered;
  auto copy = std::make_shared<Node>();
  copy->type = node->type;
  copy->id = node->id;
  const auto below = [](const NodePointer& parent, const std::string& name) -> NodePointer {
    if (parent == nullptr) return nullptr;
    const auto found = parent->children.find(name);
    return found == parent->children.end() ? nullptr : found->second;
  };
  for (const auto& [name, child] : node->children) {
    const std::string at = Join(path, name);
    const bool folder = child->type == fs::EntryType::kDirectory;
    if (rules_->rules.Ignores(at, folder)) continue;
    copy->children[name] =
        folder ? Filtered(child, at, below(like, name), below(like_filtered, name)) : child;
  }
  return copy;
}

const Node* SourceTree::Find(absl::string_view path) const {
  const Node* at = root_.get();
  if (path.empty()) return at;
  for (const absl::string_view name : absl::StrSplit(path, '/')) {
    const auto found = at->children.find(name);
    if (found == at->children.end()) return nullptr;
    at = found->second.get();
  }
  return at;
}

git::ObjectId SourceTree::IdOf(absl::string_view path, const Node& node) const {
  if (!node.id.IsZero()) return node.id;
  {
    absl::MutexLock lock(&mutex_);
    if (const auto found = ids_.find(&node); found != ids_.end()) return found->second;
  }
  const auto bytes = contents_->Read(path, node.id, fs::kDefaultReadLimit);
  if (!bytes.ok()) return node.id;  // what reads it later says why
  crypto::Digester digester(crypto::Algorithm::kSha1);
  digester.Update(absl::StrCat("blob ", bytes->size()));
  digester.Update(absl::string_view("\0", 1));
  digester.Update(*bytes);
  const git::ObjectId id = git::ObjectId::FromRaw(digester.Finish());
  absl::MutexLock lock(&mutex_);
  return ids_[&node] = id;
}

std::string SourceTree::ContentId(absl::string_view path) const {
  if (absl::ConsumeSuffix(&path, "/")) {
    const Node* const folder = Find(path);
    if (folder == nullptr || folder->type != fs::EntryType::kDirectory) return "-";
    std::string listing = "/";
    for (const auto& [name, child] : folder->children) {
      absl::StrAppend(&listing, std::string(1, TypeLetter(child->type)), name, "\n");
    }
    return listing;
  }
  const Node* const node = Find(path);
  if (node == nullptr) return "-";
  if (node->type == fs::EntryType::kDirectory) return "d";
  return absl::StrCat(std::string(1, TypeLetter(node->type)), IdOf(path, *node).Raw());
}

std::string SourceTree::FolderId(absl::string_view path) const {
  crypto::Digester digester(crypto::Algorithm::kSha256);
  const absl::Status walked = fs::Walk(
      *this, path, {}, [&](absl::string_view at, const fs::Entry&) -> absl::StatusOr<fs::Visit> {
        const std::string id = ContentId(at);
        digester.Update(absl::StrCat(at.size(), ":", at.substr(path.size()), id.size(), ":", id));
        return fs::Visit::kContinue;
      });
  return walked.ok() ? digester.Finish() : "";
}

absl::StatusOr<fs::Entry> SourceTree::Stat(absl::string_view path) const {
  const Node* const node = Find(path);
  if (node == nullptr) return fs::NoSuchEntry("stat", path);
  fs::Entry entry{
      .name = std::string(fs::BaseName(path)), .type = node->type, .executable = node->executable};
  if (node->type == fs::EntryType::kFile) {
    ASSIGN_OR_RETURN(entry.size, contents_->Size(path, node->id));
  }
  return entry;
}

absl::StatusOr<std::vector<fs::Entry>> SourceTree::List(absl::string_view path) const {
  const Node* const folder = Find(path);
  if (folder == nullptr) return fs::NoSuchEntry("open", path);
  if (folder->type != fs::EntryType::kDirectory) return fs::NotADirectory("open", path);
  std::vector<fs::Entry> entries;
  for (const auto& [name, child] : folder->children) {
    ASSIGN_OR_RETURN(fs::Entry entry, Stat(Join(path, name)));
    entries.push_back(std::move(entry));
  }
  return entries;
}

absl::StatusOr<std::string> SourceTree::Read(absl::string_view path, size_t limit) const {
  const Node* const node = Find(path);
  if (node == nullptr) return fs::NoSuchEntry("open", path);
  if (node->type != fs::EntryType::kFile) return fs::NotAFile("open", path);
  return contents_->Read(path, node->id, limit);
}

absl::StatusOr<std::string> SourceTree::ReadLink(absl::string_view path) const {
  const Node* const node = Find(path);
  if (node == nullptr) return fs::NoSuchEntry("readlink", path);
  if (node->type != fs::EntryType::kSymlink) return fs::NotALink("readlink", path);
  return contents_->Read(path, node->id, kMaxLinkTarget);
}

std::string InputsId(const fs::Tree& tree, const std::set<std::string>& inputs) {
  const auto* const source = dynamic_cast<const SourceTree*>(&tree);
  if (source == nullptr) return kustomize::InputsDigest(tree, inputs);
  crypto::Digester digester(crypto::Algorithm::kSha256);
  for (const std::string& input : inputs) {
    const std::string id = source->ContentId(input);
    digester.Update(absl::StrCat(input.size(), ":", input, id.size(), ":", id));
  }
  return digester.Finish();
}

std::string FolderId(const fs::Tree& tree, absl::string_view path) {
  if (const auto* const source = dynamic_cast<const SourceTree*>(&tree)) {
    return source->FolderId(path);
  }
  std::set<std::string> inputs;
  const absl::Status walked = fs::Walk(
      tree, path, {}, [&](absl::string_view at, const fs::Entry&) -> absl::StatusOr<fs::Visit> {
        inputs.insert(std::string(at));
        return fs::Visit::kContinue;
      });
  return walked.ok() ? kustomize::InputsDigest(tree, inputs) : "";
}

}  // namespace sluice::plan
