// A tree with one file put over another tree.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/fs/tree.h"

namespace sluice::kustomize {

// The tree below must outlive this one. Safe for concurrent reading.
class OverlayTree : public fs::Tree {
 public:
  // `path` is a clean path in a directory that exists; a file or link there is hidden.
  OverlayTree(const fs::Tree& below, std::string path, std::string content);

  absl::StatusOr<fs::Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<fs::Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = fs::kDefaultReadLimit) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

 private:
  fs::Entry entry() const;

  const fs::Tree& below_;
  const std::string path_;
  const std::string content_;
};

}  // namespace sluice::kustomize
