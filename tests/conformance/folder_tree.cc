// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/folder_tree.h"

#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tests/conformance/corpus.h"

namespace sluice::conformance {

absl::StatusOr<fs::MemoryTree> LoadFolder(const std::filesystem::path& folder) {
  namespace stdfs = std::filesystem;
  fs::MemoryTree tree;
  std::error_code error;
  for (auto it = stdfs::recursive_directory_iterator(folder, error);
       !error && it != stdfs::recursive_directory_iterator(); it.increment(error)) {
    const std::string path = it->path().lexically_relative(folder).generic_string();
    if (it->is_symlink()) {
      RETURN_IF_ERROR(tree.AddSymlink(path, stdfs::read_symlink(it->path()).string()));
    } else if (it->is_directory()) {
      RETURN_IF_ERROR(tree.AddDirectory(path));
    } else if (it->path().filename() != ".gitkeep") {
      ASSIGN_OR_RETURN(std::string content, ReadFile(it->path()));
      RETURN_IF_ERROR(tree.AddFile(path, std::move(content)));
    }
  }
  if (error) return absl::NotFoundError(absl::StrCat(folder.string(), ": ", error.message()));
  return tree;
}

}  // namespace sluice::conformance
