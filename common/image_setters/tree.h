// Setters applied to a repository's files.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/tree.h"
#include "common/image_setters/setters.h"

namespace sluice::image_setters {

// A file with markers that was left as it is, and why.
struct SkippedFile {
  std::string path;
  absl::Status problem;
};

struct TreeChanges {
  // The new content of files, by path from the tree's root: of links, that of their targets.
  std::map<std::string, std::string> files;
  // By path from the update path, where the change was found.
  std::map<std::string, ObjectChanges> changes;
  std::vector<SkippedFile> skipped;
};

// Looks at the files below `path` (as spec.update.path has it: "./apps", "") whose names end in
// .yaml or .yml or are "Kustomization", or at `path` itself if it is a file. Links to files are
// followed within the tree, links to directories are not, ".git" is left out. kNotFound if there is
// no such path.
absl::StatusOr<TreeChanges> ApplySettersTo(const fs::Tree& tree, absl::string_view path,
                                           const Setters& setters);

}  // namespace sluice::image_setters
