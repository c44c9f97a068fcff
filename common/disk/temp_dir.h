// TempDir: a private directory that goes away with its owner, or, if that was killed, with
// RemoveAbandoned(). What tells the two apart is a lock (flock) that the owner holds on it.

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

  // Removes those whose names begin with `prefix`, in `parent` as above, which are this user's and
  // have no owner any more; how many. To be called with prefixes that nobody else uses.
  static absl::StatusOr<int> RemoveAbandoned(absl::string_view prefix,
                                             absl::string_view parent = "");

  TempDir(TempDir&& other) noexcept = default;
  TempDir& operator=(TempDir&& other) noexcept;
  // Removes it and everything in it as far as that is possible.
  ~TempDir();

  // The path of the system, without links in it, and the way to write there.
  const std::string& path() const { return root_.directory(); }
  const RootedPath& root() const { return root_; }

 private:
  TempDir(RootedPath root, Handle lock) : root_(std::move(root)), lock_(std::move(lock)) {}

  void Remove();

  RootedPath root_;
  Handle lock_;
};

}  // namespace sluice::disk
