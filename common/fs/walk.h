// Walking a Tree in the order that archives, digests and generators depend on: names of a directory
// by their bytes, a directory before its content, its content right after it. That is Go's
// filepath.Walk.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/clean_path.h"
#include "common/fs/tree.h"

namespace sluice::fs {

struct WalkLimits {
  size_t max_entries = 1'000'000;  // visited, the start included
  size_t max_depth = kMaxDepth;    // elements below the start
};

// What a visitor wants next.
enum class [[nodiscard]] Visit : uint8_t{
    kContinue,
    kSkipDirectory,  // leave out the content of this directory; no effect on anything else
    kStop,           // end the walk, successfully
};

// Called with the clean path, from the tree's root, of each entry.
using Visitor =
    absl::FunctionRef<absl::StatusOr<Visit>(absl::string_view path, const Entry& entry)>;

// Visits `start` and everything below it. Links are visited, never followed. Ends with the first
// error of the tree or the visitor, or with kResourceExhausted where a limit is passed.
absl::Status Walk(const Tree& tree, absl::string_view start, const WalkLimits& limits,
                  Visitor visitor);

}  // namespace sluice::fs
