// SPDX-License-Identifier: Apache-2.0
#include "common/fs/memory_tree.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/tree_errors.h"

namespace sluice::fs {

struct MemoryTree::Node {
  EntryType type = EntryType::kDirectory;
  bool executable = false;
  std::string content;  // a file's bytes, a link's target
  std::map<std::string, std::unique_ptr<Node>, std::less<>> children;

  Entry Describe(absl::string_view name) const {
    return {.name = std::string(name),
            .type = type,
            .executable = executable,
            .size = type == EntryType::kFile ? content.size() : 0};
  }
};

MemoryTree::MemoryTree() : root_(std::make_unique<Node>()) {}
MemoryTree::~MemoryTree() = default;

MemoryTree::MemoryTree(MemoryTree&& other) noexcept
    : root_(std::exchange(other.root_, std::make_unique<Node>())) {}

MemoryTree& MemoryTree::operator=(MemoryTree&& other) noexcept {
  std::swap(root_, other.root_);
  if (this != &other) other.root_ = std::make_unique<Node>();
  return *this;
}

absl::StatusOr<MemoryTree> MemoryTree::FromFiles(const std::map<std::string, std::string>& files) {
  MemoryTree tree;
  for (const auto& [path, content] : files) RETURN_IF_ERROR(tree.AddFile(path, content));
  return tree;
}

absl::Status MemoryTree::AddFile(absl::string_view path, std::string content, bool executable) {
  return Put(path, {EntryType::kFile, executable, std::move(content), {}});
}

absl::Status MemoryTree::AddSymlink(absl::string_view path, absl::string_view target) {
  return Put(path, {EntryType::kSymlink, false, std::string(target), {}});
}

absl::Status MemoryTree::AddDirectory(absl::string_view path) { return Put(path, Node()); }

absl::Status MemoryTree::Put(absl::string_view path, Node node) {
  RETURN_IF_ERROR(CheckCleanPath(path));
  Node* at = root_.get();
  if (!path.empty()) {
    for (const absl::string_view name : absl::StrSplit(path, '/')) {
      if (at->type != EntryType::kDirectory) {
        return absl::InvalidArgumentError(
            absl::StrCat("cannot add ", path, ": a file or link stands above it"));
      }
      auto child = at->children.find(name);
      if (child == at->children.end()) {
        child = at->children.emplace(std::string(name), nullptr).first;
        child->second = std::make_unique<Node>();
        // What is still missing of `path` is the last element, or a directory on the way to it.
        const bool last = name.data() + name.size() == path.data() + path.size();
        if (last) child->second->type = node.type;
      }
      at = child->second.get();
    }
  }
  const bool was_directory = at->type == EntryType::kDirectory;
  if (was_directory != (node.type == EntryType::kDirectory)) {
    return absl::InvalidArgumentError(absl::StrCat("cannot add ", path, ": it is ",
                                                   was_directory ? "a directory" : "a file or link",
                                                   " already"));
  }
  if (!was_directory) *at = std::move(node);
  return absl::OkStatus();
}

const MemoryTree::Node* MemoryTree::Find(absl::string_view path) const {
  const Node* at = root_.get();
  if (path.empty()) return at;
  for (const absl::string_view name : absl::StrSplit(path, '/')) {
    const auto child = at->children.find(name);
    if (child == at->children.end()) return nullptr;
    at = child->second.get();
  }
  return at;
}

absl::StatusOr<Entry> MemoryTree::Stat(absl::string_view path) const {
  const Node* node = Find(path);
  if (node == nullptr) return NoSuchEntry("stat", path);
  return node->Describe(BaseName(path));
}

absl::StatusOr<std::vector<Entry>> MemoryTree::List(absl::string_view path) const {
  const Node* node = Find(path);
  if (node == nullptr) return NoSuchEntry("open", path);
  if (node->type != EntryType::kDirectory) return NotADirectory("open", path);
  std::vector<Entry> entries;
  entries.reserve(node->children.size());
  for (const auto& [name, child] : node->children) entries.push_back(child->Describe(name));
  return entries;
}

absl::StatusOr<const std::string*> MemoryTree::FileContent(absl::string_view path) const {
  const Node* node = Find(path);
  if (node == nullptr) return NoSuchEntry("open", path);
  if (node->type != EntryType::kFile) return NotAFile("open", path);
  return &node->content;
}

absl::StatusOr<std::string> MemoryTree::Read(absl::string_view path, size_t limit) const {
  ASSIGN_OR_RETURN(const std::string* content, FileContent(path));
  if (content->size() > limit) return FileTooLarge(path, limit);
  return *content;
}

absl::Status MemoryTree::ReadPieces(absl::string_view path, PieceReader piece) const {
  ASSIGN_OR_RETURN(const std::string* content, FileContent(path));
  return content->empty() ? absl::OkStatus() : piece(*content);
}

absl::StatusOr<std::string> MemoryTree::ReadLink(absl::string_view path) const {
  const Node* node = Find(path);
  if (node == nullptr) return NoSuchEntry("readlink", path);
  if (node->type != EntryType::kSymlink) return NotALink("readlink", path);
  return node->content;
}

}  // namespace sluice::fs
