// SPDX-License-Identifier: Apache-2.0
#include "common/git_testing/scratch_directory.h"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace sluice::git_testing {

ScratchDirectory::ScratchDirectory()
    : path_((std::filesystem::temp_directory_path() / "sluice-git-XXXXXX").string()) {
  if (mkdtemp(path_.data()) == nullptr) throw std::runtime_error("cannot make a directory");
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace sluice::git_testing
