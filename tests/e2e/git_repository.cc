// SPDX-License-Identifier: Apache-2.0
#include "tests/e2e/git_repository.h"

#include <filesystem>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "tests/e2e/process.h"

namespace sluice::e2e {

absl::StatusOr<GitRepository> GitRepository::Create(const std::string& path) {
  std::filesystem::create_directories(path);
  GitRepository repository(path);
  RETURN_IF_ERROR(repository.Git({"init", "-q", "-b", "main"}).status());
  return repository;
}

void GitRepository::Write(absl::string_view file, absl::string_view content) {
  WriteFile(absl::StrCat(path_, "/", file), content);
}

void GitRepository::Remove(absl::string_view file) {
  std::filesystem::remove(absl::StrCat(path_, "/", file));
}

absl::StatusOr<std::string> GitRepository::Commit(const std::string& message) {
  RETURN_IF_ERROR(Git({"add", "-A"}).status());
  RETURN_IF_ERROR(Git({"commit", "-q", "--allow-empty", "-m", message}).status());
  ASSIGN_OR_RETURN(std::string id, Git({"rev-parse", "HEAD"}));
  absl::StripTrailingAsciiWhitespace(&id);
  return id;
}

absl::StatusOr<std::string> GitRepository::Git(const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {"/usr/bin/git", "-C", path_};
  command.insert(command.end(), arguments.begin(), arguments.end());
  // Nothing of the machine's own configuration: signing, hooks, templates.
  return Run(command, {{"GIT_CONFIG_GLOBAL", "/dev/null"},
                       {"GIT_CONFIG_SYSTEM", "/dev/null"},
                       {"GIT_AUTHOR_NAME", "Test"},
                       {"GIT_AUTHOR_EMAIL", "test@example.com"},
                       {"GIT_COMMITTER_NAME", "Test"},
                       {"GIT_COMMITTER_EMAIL", "test@example.com"}});
}

}  // namespace sluice::e2e
