// Names in trees that no checkout may create, on this file system or another.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"

namespace sluice::git {

// Whether `name`, one element of a path, may stand in a tree: not empty, ".", "..", with a slash,
// nor anything that some file system takes for ".git": other case, NTFS's short name "git~1",
// trailing dots and blanks, streams (":…") and backslashes, HFS+'s ignored characters. The rules
// are those of Git's core.protectNTFS and core.protectHFS, both always on: an artifact is unpacked
// by whoever likes to.
bool IsSafeEntryName(absl::string_view name);

}  // namespace sluice::git
