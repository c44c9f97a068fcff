// What a command reads: files and standard input.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace sluice::cli {

// All of standard input. More than 64 MiB is kResourceExhausted.
absl::StatusOr<std::string> ReadStandardInput();

// The content of the file `name`, within the same bound. kNotFound, with the system's reason, if
// it cannot be opened.
absl::StatusOr<std::string> ReadFile(const std::string& name);

}  // namespace sluice::cli
