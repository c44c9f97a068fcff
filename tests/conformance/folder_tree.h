// A case's folder of files as a tree in memory.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "absl/status/statusor.h"
#include "common/fs/memory_tree.h"

namespace sluice::conformance {

// Everything below `folder`; files called .gitkeep only keep a folder alive and are left out.
absl::StatusOr<fs::MemoryTree> LoadFolder(const std::filesystem::path& folder);

}  // namespace sluice::conformance
