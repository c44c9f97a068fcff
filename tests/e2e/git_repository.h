// A Git repository that a test commits to.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::e2e {

// Works through the git program: what we read is written by another implementation than ours.
class GitRepository {
 public:
  // Makes the folder `path` an empty repository whose branch is main.
  static absl::StatusOr<GitRepository> Create(const std::string& path);

  void Write(absl::string_view file, absl::string_view content);
  void Remove(absl::string_view file);
  // Commits everything; the commit id.
  absl::StatusOr<std::string> Commit(const std::string& message);

  // Runs git in the repository; its output.
  absl::StatusOr<std::string> Git(const std::vector<std::string>& arguments);

  const std::string& path() const { return path_; }

 private:
  explicit GitRepository(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace sluice::e2e
