// Archives between memory, disk and Trees.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/archive/byte_stream.h"
#include "common/archive/unpack.h"
#include "common/base/context.h"
#include "common/disk/handle.h"
#include "common/disk/rooted_path.h"

namespace sluice::disk {

// The bytes of an open file, from where it stands.
class FileSource : public archive::ByteSource {
 public:
  explicit FileSource(Handle file) : file_(std::move(file)) {}
  absl::StatusOr<size_t> Read(std::span<char> buffer) override;

 private:
  Handle file_;
};

// archive::Unpack() into the root of `target`: directories with the mode of the archive and 0700,
// those that it does not name 0750, files with its mode and 0600. Files that are there already are
// overwritten. Ends early with the error of `ctx`.
absl::Status UnpackTo(const Context& ctx, archive::ByteSource& compressed,
                      const archive::UnpackOptions& options, const RootedPath& target);

}  // namespace sluice::disk
