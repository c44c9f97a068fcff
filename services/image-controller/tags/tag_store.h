// The tags of every ImageRepository, on disk: what a scan found and policies choose from.
//
//   imagerepository/<namespace>/<name>/tags.txt   one tag a line; tags.gz where that is large
//   .storage-version                              the number of this layout
//
// It is Flux's layout 2 (image-reflector-controller's gate FluxStorage). A list is exchanged as a
// whole, so that nobody ever reads half of one. It may be lost at any time: the next scan fills it
// again.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/disk/rooted_path.h"
#include "common/kube/object_key.h"

namespace sluice::image_controller {

struct StoredTags {
  std::vector<std::string> tags;  // in the order in which they were stored
  std::string revision;           // "" if nothing is stored
};

// Thread-safe for different objects, and one writer and any readers of each.
class TagStore {
 public:
  // Below `root`, which is made if it is not there. Lists in another layout are deleted. Lists of
  // `compress_from` bytes and more are compressed.
  static absl::StatusOr<std::unique_ptr<TagStore>> Open(const std::string& root,
                                                        size_t compress_from);

  // Replaces the object's tags and returns their revision, "sha256:" and the digest of their text.
  // The disk is left alone where they are stored already.
  absl::StatusOr<std::string> Write(const kube::ObjectKey& key, std::span<const std::string> tags);
  // No tags if none are stored, or if what is there cannot be read: it is scanned for again.
  absl::StatusOr<StoredTags> Read(const kube::ObjectKey& key) const;
  absl::Status Remove(const kube::ObjectKey& key);

  // Removes the tags of objects that are not live; how many.
  absl::StatusOr<int> CollectGarbage(const std::function<bool(const kube::ObjectKey&)>& live);

 private:
  TagStore(disk::RootedPath root, size_t compress_from)
      : root_(std::move(root)), compress_from_(compress_from) {}

  absl::Status CheckLayout();
  // The text of the newer of both files; kNotFound.
  absl::StatusOr<std::string> ReadText(const std::string& directory) const;

  const disk::RootedPath root_;
  const size_t compress_from_;
};

}  // namespace sluice::image_controller
