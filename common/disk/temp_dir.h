// TempDir: a private directory that goes away with its owner.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/disk/rooted_path.h"

namespace sluice::disk {

// Movable; only the last owner removes the directory.
class TempDir {
 public:
  // A new directory, mode 0700, whose name begins with `prefix`, in `parent` or, if that is empty,
  // in $TMPDIR or else /tmp. Error messages begin with "tmp dir error: ".
  static absl::StatusOr<TempDir> Create(absl::string_view prefix, absl::string_view parent = "");

  TempDir(TempDir&& other) noexcept = default;
  TempDir& operator=(TempDir&& other) noexcept;
  // Removes it and everything in it as far as that is possible.
  ~TempDir();

  // The path of the system, without links in it, and the way to write there.
  const std::string& path() const { return root_.directory(); }
  const RootedPath& root() const { return root_; }

 private:
  explicit TempDir(RootedPath root) : root_(std::move(root)) {}

  void Remove();

  RootedPath root_;
};

}  // namespace sluice::disk
