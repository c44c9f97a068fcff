// A directory of a test's own, deleted when the test ends.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sluice::git_testing {

class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;

  // "<directory>/<name>"
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace sluice::git_testing
