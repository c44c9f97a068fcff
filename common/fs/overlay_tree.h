// OverlayTree: a Tree with a part of another put into it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/tree.h"

namespace sluice::fs {

// As safe for concurrent reading as the two trees.
class OverlayTree : public Tree {
 public:
  // `base` with what is at `from` in `inner`, a directory or a file, at `at`; the directories above
  // `at` are there even if `base` lacks them. A file or link of `base` that stands at `at` is
  // replaced, as rename(2) would.
  //
  // The error of Stat() if nothing is at `from`; kAlreadyExists if a directory of `base` stands at
  // `at`, the root always; kFailedPrecondition if a file or link stands where a directory above
  // `at` is needed; kInvalidArgument for paths that are not clean.
  static absl::StatusOr<std::shared_ptr<const OverlayTree>> Create(
      std::shared_ptr<const Tree> base, absl::string_view at, std::shared_ptr<const Tree> inner,
      absl::string_view from);

  absl::StatusOr<Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = kDefaultReadLimit) const override;
  absl::Status ReadPieces(absl::string_view path, PieceReader piece) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

 private:
  struct Place {
    const Tree* tree;
    std::string path;
  };

  OverlayTree(std::shared_ptr<const Tree> base, absl::string_view at,
              std::shared_ptr<const Tree> inner, absl::string_view from)
      : base_(std::move(base)), inner_(std::move(inner)), at_(at), from_(from) {}

  // Where `path` is to be looked for.
  Place Locate(absl::string_view path) const;
  // Whether `path` is a directory above `at_`.
  bool LeadsToInner(absl::string_view path) const;

  const std::shared_ptr<const Tree> base_;
  const std::shared_ptr<const Tree> inner_;
  const std::string at_;
  const std::string from_;
};

}  // namespace sluice::fs
