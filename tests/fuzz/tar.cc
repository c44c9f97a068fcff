// Artifacts: the input is a tar, packed here, and then the archive itself. Nothing leads out of the
// tree or passes the limits.

// SPDX-License-Identifier: Apache-2.0
#include "common/archive/gzip.h"
#include "common/archive/tar_tree.h"
#include "common/fs/walk.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

namespace {

void Check(absl::string_view compressed) {
  for (const archive::Symlinks links : {archive::Symlinks::kSkip, archive::Symlinks::kRefuse}) {
    const archive::UnpackOptions options = {.symlinks = links,
                                            .max_entries = 100,
                                            .max_depth = 10,
                                            .max_bytes = 1 << 20,
                                            .max_file_bytes = 1 << 18};
    const auto tree = archive::TarTree::Open(compressed, options);
    if (!tree.ok()) continue;
    Require((*tree)->content_size() <= options.max_bytes, "no more bytes than the limit");
    const absl::Status walked = fs::Walk(
        **tree, "", {}, [](absl::string_view path, const fs::Entry&) -> absl::StatusOr<fs::Visit> {
          Require(fs::IsCleanPath(path), "paths are clean", path);
          return fs::Visit::kContinue;
        });
    Require(walked.ok(), "the tree can be walked", walked.message());
  }
}

}  // namespace

FUZZ_TARGET(tar, input) {
  Check(archive::Gzip(input, {.level = 1}));
  Check(input);
}

}  // namespace sluice::fuzz
