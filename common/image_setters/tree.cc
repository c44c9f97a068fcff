// SPDX-License-Identifier: Apache-2.0
#include "common/image_setters/tree.h"

#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/walk.h"

namespace sluice::image_setters {
namespace {

constexpr int kMaxLinks = 8;

bool IsCandidate(absl::string_view name) {
  return absl::EndsWith(name, ".yaml") || absl::EndsWith(name, ".yml") || name == "Kustomization";
}

// The file that the link `path` leads to; nothing if that is no file of the tree.
std::optional<std::string> FileBehind(const fs::Tree& tree, std::string path) {
  for (int i = 0; i < kMaxLinks; ++i) {
    const auto target = tree.ReadLink(path);
    if (!target.ok()) return std::nullopt;
    auto next = fs::JoinPath(fs::ParentPath(path), *target);
    if (!next.ok()) return std::nullopt;
    path = *std::move(next);
    const auto entry = tree.Stat(path);
    if (!entry.ok()) return std::nullopt;
    if (entry->type == fs::EntryType::kFile) return path;
    if (entry->type != fs::EntryType::kSymlink) return std::nullopt;
  }
  return std::nullopt;
}

class TreeEditor {
 public:
  TreeEditor(const fs::Tree& tree, const Setters& setters) : tree_(tree), setters_(setters) {}

  // `shown` is the path that changes are recorded under.
  absl::Status File(const std::string& path, std::string shown) {
    const auto text = tree_.Read(path, kMaxFile);
    if (absl::IsResourceExhausted(text.status())) {
      result_.skipped.push_back({std::move(shown), text.status()});
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(text.status());
    auto edited = ApplySetters(*text, setters_);
    if (!edited.ok()) {
      result_.skipped.push_back({std::move(shown), edited.status()});
    } else if (edited->has_value()) {
      result_.files[path] = std::move((*edited)->content);
      result_.changes[std::move(shown)] = std::move((*edited)->changes);
    }
    return absl::OkStatus();
  }

  absl::Status Directory(const std::string& root) {
    return fs::Walk(
        tree_, root, {},
        [&](absl::string_view path, const fs::Entry& entry) -> absl::StatusOr<fs::Visit> {
          if (entry.type == fs::EntryType::kDirectory) {
            return entry.name == ".git" ? fs::Visit::kSkipDirectory : fs::Visit::kContinue;
          }
          if (!IsCandidate(entry.name)) return fs::Visit::kContinue;
          std::string shown(root.empty() ? path : path.substr(root.size() + 1));
          std::optional<std::string> file(path);
          if (entry.type == fs::EntryType::kSymlink) file = FileBehind(tree_, *file);
          if (file.has_value()) RETURN_IF_ERROR(File(*file, std::move(shown)));
          return fs::Visit::kContinue;
        });
  }

  TreeChanges& result() { return result_; }

 private:
  const fs::Tree& tree_;
  const Setters& setters_;
  TreeChanges result_;
};

}  // namespace

absl::StatusOr<TreeChanges> ApplySettersTo(const fs::Tree& tree, absl::string_view path,
                                           const Setters& setters) {
  ASSIGN_OR_RETURN(std::string root, fs::SecureJoin("", path));
  TreeEditor editor(tree, setters);
  if (!root.empty()) {
    ASSIGN_OR_RETURN(const fs::Entry entry, tree.Stat(root));
    if (entry.type == fs::EntryType::kSymlink) {
      const auto file = FileBehind(tree, root);
      if (!file.has_value()) {
        return absl::NotFoundError(absl::StrCat("stat ", root, ": no such file or directory"));
      }
      RETURN_IF_ERROR(editor.File(*file, entry.name));
      return std::move(editor.result());
    }
    if (entry.type == fs::EntryType::kFile) {
      RETURN_IF_ERROR(editor.File(root, entry.name));
      return std::move(editor.result());
    }
  }
  RETURN_IF_ERROR(editor.Directory(root));
  return std::move(editor.result());
}

}  // namespace sluice::image_setters
