// SPDX-License-Identifier: Apache-2.0
#include "common/fs/overlay_tree.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"
#include "common/fs/tree_errors.h"

namespace sluice::fs {
namespace {

bool IsAt(absl::string_view path, absl::string_view directory) {
  return path == directory || (absl::StartsWith(path, directory) && path[directory.size()] == '/');
}

}  // namespace

absl::StatusOr<std::shared_ptr<const OverlayTree>> OverlayTree::Create(
    std::shared_ptr<const Tree> base, absl::string_view at, std::shared_ptr<const Tree> inner,
    absl::string_view from) {
  RETURN_IF_ERROR(CheckCleanPath(at));
  RETURN_IF_ERROR(CheckCleanPath(from));
  RETURN_IF_ERROR(inner->Stat(from).status());
  const auto there = base->Stat(at);
  if (there.ok() && there->type == EntryType::kDirectory) {
    return absl::AlreadyExistsError(absl::StrCat("rename ", from, " ", at, ": file exists"));
  }
  for (absl::string_view parent = ParentPath(at); !parent.empty(); parent = ParentPath(parent)) {
    const auto above = base->Stat(parent);
    if (above.ok() && above->type != EntryType::kDirectory) return NotADirectory("mkdir", parent);
  }
  return std::shared_ptr<const OverlayTree>(
      new OverlayTree(std::move(base), at, std::move(inner), from));
}

OverlayTree::Place OverlayTree::Locate(absl::string_view path) const {
  if (!IsAt(path, at_)) return {base_.get(), std::string(path)};
  const absl::string_view below = path.substr(at_.size());
  return {inner_.get(),
          from_.empty() ? std::string(absl::StripPrefix(below, "/")) : absl::StrCat(from_, below)};
}

bool OverlayTree::LeadsToInner(absl::string_view path) const {
  return path != at_ && (path.empty() || IsAt(at_, path));
}

absl::StatusOr<Entry> OverlayTree::Stat(absl::string_view path) const {
  const Place place = Locate(path);
  absl::StatusOr<Entry> entry = place.tree->Stat(place.path);
  if (entry.ok()) {
    entry->name = std::string(BaseName(path));
  } else if (LeadsToInner(path)) {
    return Entry{std::string(BaseName(path)), EntryType::kDirectory};
  }
  return entry;
}

absl::StatusOr<std::vector<Entry>> OverlayTree::List(absl::string_view path) const {
  const Place place = Locate(path);
  absl::StatusOr<std::vector<Entry>> entries = place.tree->List(place.path);
  if (!LeadsToInner(path)) return entries;
  if (!entries.ok()) entries = std::vector<Entry>();
  // The one entry of this directory that is the inner tree or leads to it.
  const absl::string_view rest = absl::string_view(at_).substr(path.empty() ? 0 : path.size() + 1);
  const absl::string_view name = rest.substr(0, rest.find('/'));
  ASSIGN_OR_RETURN(Entry step, Stat(path.empty() ? name : absl::StrCat(path, "/", name)));
  const auto at = std::lower_bound(entries->begin(), entries->end(), step,
                                   [](const Entry& a, const Entry& b) { return a.name < b.name; });
  if (at != entries->end() && at->name == step.name) {
    *at = std::move(step);
  } else {
    entries->insert(at, std::move(step));
  }
  return entries;
}

absl::StatusOr<std::string> OverlayTree::Read(absl::string_view path, size_t limit) const {
  const Place place = Locate(path);
  return place.tree->Read(place.path, limit);
}

absl::Status OverlayTree::ReadPieces(absl::string_view path, PieceReader piece) const {
  const Place place = Locate(path);
  return place.tree->ReadPieces(place.path, piece);
}

absl::StatusOr<std::string> OverlayTree::ReadLink(absl::string_view path) const {
  const Place place = Locate(path);
  return place.tree->ReadLink(place.path);
}

}  // namespace sluice::fs
