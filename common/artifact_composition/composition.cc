// SPDX-License-Identifier: Apache-2.0
#include "common/artifact_composition/composition.h"

#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/tree_errors.h"

namespace sluice::artifact_composition {

struct Composition::Node {
  fs::Entry entry;                       // its name stays empty
  std::shared_ptr<const fs::Tree> tree;  // of files that come from one
  std::string text;                      // the path in `tree`, else the content
  std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
};

Composition::Composition() : root_(std::make_unique<Node>()) {
  root_->entry.type = fs::EntryType::kDirectory;
}
Composition::~Composition() = default;

absl::StatusOr<Composition::Node*> Composition::Place(absl::string_view path, fs::EntryType type) {
  RETURN_IF_ERROR(fs::CheckCleanPath(path));
  Node* at = root_.get();
  if (path.empty()) {
    if (type == fs::EntryType::kDirectory) return at;
    return absl::InvalidArgumentError("a file cannot take the place of the artifact's root");
  }
  const std::vector<absl::string_view> names = absl::StrSplit(path, '/');
  for (size_t i = 0; i < names.size(); ++i) {
    const bool last = i + 1 == names.size();
    const fs::EntryType wanted = last ? type : fs::EntryType::kDirectory;
    auto it = at->children.find(names[i]);
    if (it == at->children.end()) {
      if (++entries_ > kMaxEntries) {
        return absl::ResourceExhaustedError(
            absl::StrCat("the artifact has more than ", kMaxEntries, " files and directories"));
      }
      it = at->children.emplace(std::string(names[i]), std::make_unique<Node>()).first;
      it->second->entry.type = wanted;
    } else if (it->second->entry.type != wanted) {
      const std::string where = absl::StrJoin(names.begin(), names.begin() + i + 1, "/");
      return absl::FailedPreconditionError(wanted == fs::EntryType::kDirectory
                                               ? absl::StrCat(where, " is a file")
                                               : absl::StrCat(where, " is a directory"));
    }
    at = it->second.get();
  }
  return at;
}

absl::Status Composition::AddFile(absl::string_view path, std::shared_ptr<const fs::Tree> tree,
                                  absl::string_view from) {
  ASSIGN_OR_RETURN(fs::Entry entry, tree->Stat(from));
  if (entry.type != fs::EntryType::kFile) return fs::NotAFile("open", from);
  ASSIGN_OR_RETURN(Node* const node, Place(path, fs::EntryType::kFile));
  entry.name.clear();
  node->entry = std::move(entry);
  node->tree = std::move(tree);
  node->text = std::string(from);
  return absl::OkStatus();
}

absl::Status Composition::AddContent(absl::string_view path, std::string content) {
  ASSIGN_OR_RETURN(Node* const node, Place(path, fs::EntryType::kFile));
  node->entry.size = content.size();
  node->tree = nullptr;
  node->text = std::move(content);
  return absl::OkStatus();
}

absl::Status Composition::AddDirectory(absl::string_view path) {
  return Place(path, fs::EntryType::kDirectory).status();
}

const Composition::Node* Composition::Find(absl::string_view path) const {
  const Node* at = root_.get();
  if (path.empty()) return at;
  for (const absl::string_view name : absl::StrSplit(path, '/')) {
    const auto it = at->children.find(name);
    if (it == at->children.end()) return nullptr;
    at = it->second.get();
  }
  return at;
}

absl::StatusOr<const Composition::Node*> Composition::FindFile(absl::string_view path) const {
  const Node* node = Find(path);
  if (node == nullptr) return fs::NoSuchEntry("open", path);
  if (node->entry.type != fs::EntryType::kFile) return fs::NotAFile("open", path);
  return node;
}

absl::StatusOr<fs::Entry> Composition::Stat(absl::string_view path) const {
  const Node* node = Find(path);
  if (node == nullptr) return fs::NoSuchEntry("stat", path);
  fs::Entry entry = node->entry;
  entry.name = std::string(fs::BaseName(path));
  return entry;
}

absl::StatusOr<std::vector<fs::Entry>> Composition::List(absl::string_view path) const {
  const Node* node = Find(path);
  if (node == nullptr) return fs::NoSuchEntry("open", path);
  if (node->entry.type != fs::EntryType::kDirectory) return fs::NotADirectory("open", path);
  std::vector<fs::Entry> entries;
  for (const auto& [name, child] : node->children) {
    entries.push_back(child->entry);
    entries.back().name = name;
  }
  return entries;
}

absl::StatusOr<std::string> Composition::Read(absl::string_view path, size_t limit) const {
  ASSIGN_OR_RETURN(const Node* const node, FindFile(path));
  if (node->tree != nullptr) return node->tree->Read(node->text, limit);
  if (node->text.size() > limit) return fs::FileTooLarge(path, limit);
  return node->text;
}

absl::Status Composition::ReadPieces(absl::string_view path, PieceReader piece) const {
  ASSIGN_OR_RETURN(const Node* const node, FindFile(path));
  if (node->tree != nullptr) return node->tree->ReadPieces(node->text, piece);
  return node->text.empty() ? absl::OkStatus() : piece(node->text);
}

absl::StatusOr<std::string> Composition::ReadLink(absl::string_view path) const {
  if (Find(path) == nullptr) return fs::NoSuchEntry("readlink", path);
  return fs::NotALink("readlink", path);
}

}  // namespace sluice::artifact_composition
