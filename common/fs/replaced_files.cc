// SPDX-License-Identifier: Apache-2.0
#include "common/fs/replaced_files.h"

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/fs/tree_errors.h"

namespace sluice::fs {

const Secret* ReplacedFiles::Find(absl::string_view path) const {
  const auto it = files_.find(std::string(path));
  return it == files_.end() ? nullptr : &it->second;
}

absl::StatusOr<Entry> ReplacedFiles::Stat(absl::string_view path) const {
  ASSIGN_OR_RETURN(Entry entry, base_->Stat(path));
  if (const Secret* bytes = Find(path)) entry.size = bytes->Reveal().size();
  return entry;
}

absl::StatusOr<std::vector<Entry>> ReplacedFiles::List(absl::string_view path) const {
  ASSIGN_OR_RETURN(std::vector<Entry> entries, base_->List(path));
  for (Entry& entry : entries) {
    const Secret* bytes = Find(path.empty() ? entry.name : absl::StrCat(path, "/", entry.name));
    if (bytes != nullptr) entry.size = bytes->Reveal().size();
  }
  return entries;
}

absl::StatusOr<std::string> ReplacedFiles::Read(absl::string_view path, size_t limit) const {
  const Secret* bytes = Find(path);
  if (bytes == nullptr) return base_->Read(path, limit);
  if (bytes->Reveal().size() > limit) return FileTooLarge(path, limit);
  return std::string(bytes->Reveal());
}

absl::Status ReplacedFiles::ReadPieces(absl::string_view path, PieceReader piece) const {
  const Secret* bytes = Find(path);
  return bytes == nullptr ? base_->ReadPieces(path, piece) : piece(bytes->Reveal());
}

absl::StatusOr<std::string> ReplacedFiles::ReadLink(absl::string_view path) const {
  return base_->ReadLink(path);
}

}  // namespace sluice::fs
