// Reading a corpus from disk: what the runners of all kinds share.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/value/value.h"

namespace sluice::conformance {

// The whole file; kNotFound if it cannot be read.
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path);

// The folders of `path` that are cases, which have a cmd.json, by name.
std::vector<std::filesystem::path> CaseFolders(const std::filesystem::path& path);

// The list in `path`, or in `path`/cases.json when it is a folder.
absl::StatusOr<Value> LoadCases(const std::filesystem::path& path);

}  // namespace sluice::conformance
