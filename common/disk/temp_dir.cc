// SPDX-License-Identifier: Apache-2.0
#include "common/disk/temp_dir.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"

namespace sluice::disk {
namespace {

std::string DefaultParent() {
  const char* parent = std::getenv("TMPDIR");
  return parent == nullptr || *parent == '\0' ? "/tmp" : parent;
}

// `parent`, or the default, without links.
absl::StatusOr<std::string> Resolve(absl::string_view parent) {
  const std::string wanted = parent.empty() ? DefaultParent() : std::string(parent);
  const std::unique_ptr<char, void (*)(void*)> resolved(realpath(wanted.c_str(), nullptr), free);
  if (resolved == nullptr) return ErrnoStatus(errno, "open", wanted);
  return std::string(resolved.get());
}

// The directory, locked; none if another has the lock or it is not ours.
Handle Lock(const std::string& path) {
  Handle directory(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat info = {};
  if (!directory.open() || fstat(directory.fd(), &info) != 0 || info.st_uid != geteuid() ||
      flock(directory.fd(), LOCK_EX | LOCK_NB) != 0) {
    return Handle();
  }
  return directory;
}

}  // namespace

absl::StatusOr<TempDir> TempDir::Create(absl::string_view prefix, absl::string_view parent) {
  auto folder = Resolve(parent);
  if (!folder.ok()) return Annotate(folder.status(), "tmp dir error");
  // It gets its name once it is locked, so that nobody takes it for abandoned. Until then somebody
  // may: then another one is made.
  constexpr int kAttempts = 100;
  std::string path;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string hidden = absl::StrCat(*folder, "/.", prefix, "XXXXXX");
    if (mkdtemp(hidden.data()) == nullptr) {
      return Annotate(ErrnoStatus(errno, "mkdir", hidden), "tmp dir error");
    }
    Handle lock = Lock(hidden);
    path = absl::StrCat(*folder, "/", hidden.substr(folder->size() + 2));
    if (lock.open() &&
        renameat2(AT_FDCWD, hidden.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) {
      absl::StatusOr<RootedPath> root = RootedPath::Open(path);
      if (root.ok()) return TempDir(*std::move(root), std::move(lock));
      rmdir(path.c_str());
      return Annotate(root.status(), "tmp dir error");
    }
    rmdir(hidden.c_str());
  }
  return absl::UnavailableError(
      absl::StrCat("tmp dir error: mkdir ", path, ": cannot be locked or renamed"));
}

absl::StatusOr<int> TempDir::RemoveAbandoned(absl::string_view prefix, absl::string_view parent) {
  ASSIGN_OR_RETURN(const std::string folder, Resolve(parent));
  ASSIGN_OR_RETURN(const RootedPath root, RootedPath::Open(folder));
  ASSIGN_OR_RETURN(const std::vector<DiskEntry> entries, root.List(""));
  int removed = 0;
  for (const DiskEntry& entry : entries) {
    // With a dot, it is one that had not got its name yet.
    if (entry.type != DiskEntry::Type::kDirectory ||
        !absl::StartsWith(absl::StripPrefix(entry.name, "."), prefix)) {
      continue;
    }
    const Handle lock = Lock(absl::StrCat(folder, "/", entry.name));
    if (!lock.open()) continue;
    RETURN_IF_ERROR(root.RemoveTree(entry.name));
    ++removed;
  }
  return removed;
}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
  if (this != &other) {
    Remove();
    root_ = std::move(other.root_);
    lock_ = std::move(other.lock_);
  }
  return *this;
}

TempDir::~TempDir() { Remove(); }

void TempDir::Remove() {
  if (!root_.open()) return;  // moved from
  root_.RemoveTree("").IgnoreError();
  rmdir(path().c_str());
}

}  // namespace sluice::disk
