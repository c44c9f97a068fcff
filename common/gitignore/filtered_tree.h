// FilteredTree: a Tree without what rules leave out.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/fs/tree.h"
#include "common/gitignore/rules.h"

namespace sluice::gitignore {

// As safe for concurrent reading as the tree inside.
class FilteredTree : public fs::Tree {
 public:
  // Both must outlive it.
  FilteredTree(const fs::Tree& tree, const Rules& rules) : tree_(tree), rules_(rules) {}

  // kNotFound for what is left out, itself or with a directory above it.
  absl::StatusOr<fs::Entry> Stat(absl::string_view path) const override;
  absl::StatusOr<std::vector<fs::Entry>> List(absl::string_view path) const override;
  absl::StatusOr<std::string> Read(absl::string_view path,
                                   size_t limit = fs::kDefaultReadLimit) const override;
  absl::StatusOr<std::string> ReadLink(absl::string_view path) const override;

 private:
  absl::Status Check(absl::string_view path) const;

  const fs::Tree& tree_;
  const Rules& rules_;
};

}  // namespace sluice::gitignore
