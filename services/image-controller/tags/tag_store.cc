// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/tags/tag_store.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/archive/gzip.h"
#include "common/base/status_macros.h"
#include "common/crypto/digest.h"

namespace sluice::image_controller {
namespace {

constexpr char kLists[] = "imagerepository";
constexpr char kVersionFile[] = ".storage-version";
constexpr char kVersion[] = "2";
constexpr char kPlain[] = "/tags.txt";
constexpr char kCompressed[] = "/tags.gz";
// As many bytes of tags as a scan takes in.
constexpr size_t kMaxText = size_t{64} << 20;

std::string DirectoryOf(const kube::ObjectKey& key) {
  return absl::StrCat(kLists, "/", key.ns, "/", key.name);
}

std::string RevisionOf(absl::string_view text) {
  return absl::StrCat("sha256:", crypto::Sha256Hex(text));
}

absl::Status IgnoreMissing(const absl::Status& status) {
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TagStore>> TagStore::Open(const std::string& root,
                                                         size_t compress_from) {
  std::error_code made;
  std::filesystem::create_directories(root, made);
  if (made) {
    return absl::InternalError(
        absl::StrCat("cannot make the storage folder ", root, ": ", made.message()));
  }
  ASSIGN_OR_RETURN(disk::RootedPath path, disk::RootedPath::Open(root));
  auto store = std::unique_ptr<TagStore>(new TagStore(std::move(path), compress_from));
  RETURN_IF_ERROR(store->CheckLayout());
  return store;
}

absl::Status TagStore::CheckLayout() {
  const auto version = root_.Read(kVersionFile, 16);
  if (version.ok() && *version == kVersion) return absl::OkStatus();
  // The mark goes first and comes last: lists that were half deleted are deleted next time.
  RETURN_IF_ERROR(IgnoreMissing(root_.Remove(kVersionFile)));
  RETURN_IF_ERROR(IgnoreMissing(root_.RemoveTree(kLists)));
  return root_.WriteFile(kVersionFile, kVersion);
}

absl::StatusOr<std::string> TagStore::ReadText(const std::string& directory) const {
  const auto plain = root_.Stat(absl::StrCat(directory, kPlain));
  const auto compressed = root_.Stat(absl::StrCat(directory, kCompressed));
  if (compressed.ok() && (!plain.ok() || compressed->modified > plain->modified)) {
    ASSIGN_OR_RETURN(const std::string bytes,
                     root_.Read(absl::StrCat(directory, kCompressed), kMaxText));
    return archive::Gunzip(bytes, kMaxText);
  }
  return root_.Read(absl::StrCat(directory, kPlain), kMaxText);
}

absl::StatusOr<std::string> TagStore::Write(const kube::ObjectKey& key,
                                            std::span<const std::string> tags) {
  const std::string directory = DirectoryOf(key);
  std::string text = absl::StrJoin(tags, "\n");
  if (!text.empty()) text.push_back('\n');
  std::string revision = RevisionOf(text);
  if (const auto stored = ReadText(directory); stored.ok() && *stored == text) return revision;
  RETURN_IF_ERROR(root_.CreateDirectories(directory));
  const bool compress = text.size() >= compress_from_;
  RETURN_IF_ERROR(root_.WriteFile(absl::StrCat(directory, compress ? kCompressed : kPlain),
                                  compress ? archive::Gzip(text) : text));
  RETURN_IF_ERROR(
      IgnoreMissing(root_.Remove(absl::StrCat(directory, compress ? kPlain : kCompressed))));
  return revision;
}

absl::StatusOr<StoredTags> TagStore::Read(const kube::ObjectKey& key) const {
  const auto text = ReadText(DirectoryOf(key));
  if (absl::IsNotFound(text.status()) || absl::IsInvalidArgument(text.status())) {
    return StoredTags();
  }
  RETURN_IF_ERROR(text.status());
  StoredTags stored;
  stored.revision = RevisionOf(*text);
  if (!text->empty()) stored.tags = absl::StrSplit(*text, '\n', absl::SkipEmpty());
  return stored;
}

absl::Status TagStore::Remove(const kube::ObjectKey& key) {
  RETURN_IF_ERROR(IgnoreMissing(root_.RemoveTree(DirectoryOf(key))));
  // The namespace's folder, if that was its last.
  static_cast<void>(root_.Remove(absl::StrCat(kLists, "/", key.ns)));
  return absl::OkStatus();
}

absl::StatusOr<int> TagStore::CollectGarbage(
    const std::function<bool(const kube::ObjectKey&)>& live) {
  const auto namespaces = root_.List(kLists);
  if (absl::IsNotFound(namespaces.status())) return 0;
  RETURN_IF_ERROR(namespaces.status());
  int removed = 0;
  for (const disk::DiskEntry& ns : *namespaces) {
    ASSIGN_OR_RETURN(const auto names, root_.List(absl::StrCat(kLists, "/", ns.name)));
    for (const disk::DiskEntry& name : names) {
      const kube::ObjectKey key = {ns.name, name.name};
      if (live(key)) continue;
      RETURN_IF_ERROR(Remove(key));
      ++removed;
    }
  }
  return removed;
}

}  // namespace sluice::image_controller
