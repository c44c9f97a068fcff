// Running a built program and looking at what it prints.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace sluice::conformance {

struct CommandResult {
  int exit_code = 0;  // 128 + the signal if one ended it
  std::string out;
  std::string err;
};

// Runs `words[0]`, a path, in the folder `directory` with an empty standard input and an
// environment of only PATH and HOME, and waits for its end. Safe to call from several threads.
absl::StatusOr<CommandResult> RunCommand(const std::vector<std::string>& words,
                                         const std::filesystem::path& directory);

// Where the built programs are: $SLUICE_TEST_BIN or the build folder's bin.
std::filesystem::path ProgramFolder();

}  // namespace sluice::conformance
