// SPDX-License-Identifier: Apache-2.0
#include "common/kustomize/overlay_tree.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::kustomize {
namespace {

absl::string_view NameOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? path : path.substr(slash + 1);
}

absl::string_view FolderOf(absl::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == absl::string_view::npos ? absl::string_view("") : path.substr(0, slash);
}

}  // namespace

OverlayTree::OverlayTree(const fs::Tree& below, std::string path, std::string content)
    : below_(below), path_(std::move(path)), content_(std::move(content)) {}

fs::Entry OverlayTree::entry() const {
  return {std::string(NameOf(path_)), fs::EntryType::kFile, false, content_.size()};
}

absl::StatusOr<fs::Entry> OverlayTree::Stat(absl::string_view path) const {
  if (path == path_) return entry();
  return below_.Stat(path);
}

absl::StatusOr<std::vector<fs::Entry>> OverlayTree::List(absl::string_view path) const {
  ASSIGN_OR_RETURN(std::vector<fs::Entry> entries, below_.List(path));
  if (path != FolderOf(path_)) return entries;
  const fs::Entry added = entry();
  const auto at =
      std::lower_bound(entries.begin(), entries.end(), added,
                       [](const fs::Entry& a, const fs::Entry& b) { return a.name < b.name; });
  if (at != entries.end() && at->name == added.name) {
    *at = added;
  } else {
    entries.insert(at, added);
  }
  return entries;
}

absl::StatusOr<std::string> OverlayTree::Read(absl::string_view path, size_t limit) const {
  if (path != path_) return below_.Read(path, limit);
  if (content_.size() > limit) {
    return absl::ResourceExhaustedError(
        absl::StrCat("open ", path, ": larger than ", limit, " bytes"));
  }
  return content_;
}

absl::StatusOr<std::string> OverlayTree::ReadLink(absl::string_view path) const {
  if (path == path_) {
    return absl::FailedPreconditionError(absl::StrCat("readlink ", path, ": not a link"));
  }
  return below_.ReadLink(path);
}

}  // namespace sluice::kustomize
