// Packing artifacts: a file tree as the one tar.gz that its content determines.
//
// Entries come in the order of fs::Walk, "." first; only directories and files, links are left
// out. Owner, time and names of owners are zero, modes 0750 for directories and 0600 or 0700 for
// files. That is the layout of Flux's artifacts (source-controller 1.9); the compressed bytes are
// our own, as they depend on the implementation of deflate.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/archive/byte_stream.h"
#include "common/fs/tree.h"
#include "common/fs/walk.h"

namespace sluice::archive {

// Whether to leave an entry out. Asked for each on its own, the root too: what is in a directory
// that is left out can still be packed.
using LeaveOut = absl::FunctionRef<bool(absl::string_view path, const fs::Entry& entry)>;

// Writes the archive of `tree` to `sink` in pieces. The errors of the tree and the sink;
// kResourceExhausted where `limits` are passed; kAborted if a file changes its size meanwhile.
absl::Status Pack(const fs::Tree& tree, LeaveOut leave_out, ByteSink sink,
                  const fs::WalkLimits& limits = {});

// The archive of everything in `tree`.
absl::Status Pack(const fs::Tree& tree, ByteSink sink);

}  // namespace sluice::archive
