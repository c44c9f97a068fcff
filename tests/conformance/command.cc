// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/command.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/disk/handle.h"

namespace sluice::conformance {
namespace {

// Output goes to memory, not to a pipe, so that nobody has to read while the program runs.
absl::StatusOr<disk::Handle> OutputBuffer() {
  disk::Handle buffer(memfd_create("output", MFD_CLOEXEC));
  if (!buffer.open()) return disk::ErrnoStatus(errno, "memfd_create", "output");
  return buffer;
}

absl::StatusOr<std::string> Content(const disk::Handle& buffer) {
  const off_t size = lseek(buffer.fd(), 0, SEEK_END);
  if (size < 0 || lseek(buffer.fd(), 0, SEEK_SET) < 0) {
    return disk::ErrnoStatus(errno, "seek", "output");
  }
  std::string text(static_cast<size_t>(size), '\0');
  ASSIGN_OR_RETURN(const size_t count,
                   disk::ReadSome(buffer.fd(), text.data(), text.size(), "output"));
  text.resize(count);
  return text;
}

}  // namespace

absl::StatusOr<CommandResult> RunCommand(const std::vector<std::string>& words,
                                         const std::filesystem::path& directory) {
  ASSIGN_OR_RETURN(const disk::Handle out, OutputBuffer());
  ASSIGN_OR_RETURN(const disk::Handle err, OutputBuffer());
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  std::string path = "PATH=/usr/bin:/bin";
  std::string home = "HOME=/nonexistent";
  char* environment[] = {path.data(), home.data(), nullptr};

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out.fd(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.fd(), STDERR_FILENO);
  posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
  pid_t pid = 0;
  const int error = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environment);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return disk::ErrnoStatus(error, "start", words[0]);

  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return disk::ErrnoStatus(errno, "wait for", words[0]);
  }
  CommandResult result;
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ASSIGN_OR_RETURN(result.out, Content(out));
  ASSIGN_OR_RETURN(result.err, Content(err));
  return result;
}

std::filesystem::path ProgramFolder() {
  const char* folder = std::getenv("SLUICE_TEST_BIN");
  return folder != nullptr ? folder : SLUICE_TEST_BIN;
}

}  // namespace sluice::conformance
