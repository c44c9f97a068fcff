// ReplacedFiles: a Tree whose files are those of another, some with other bytes.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/secret.h"
#include "common/fs/tree.h"

namespace sluice::fs {

// What a file holds instead, by its clean path. Wiped from memory with the tree.
using Replacements = std::map<std::string, Secret, std::less<>>;

// As safe for concurrent reading as the other tree.
class ReplacedFiles : public Tree {
 public:
  // Each path must be that of a file in `base`.
  ReplacedFiles(std::shared_ptr<const Tree> base, Replacements files)
      : base_(std::move(base)), files_(std::move(files)) {}

  absl::StatusOr<Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = kDefaultReadLimit) const override;
  absl::Status ReadPieces(absl::string_view path, PieceReader piece) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

 private:
  // nullptr if the file is as it was.
  const Secret* Find(absl::string_view path) const;

  const std::shared_ptr<const Tree> base_;
  const Replacements files_;
};

}  // namespace sluice::fs
