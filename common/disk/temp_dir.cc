// SPDX-License-Identifier: Apache-2.0
#include "common/disk/temp_dir.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"

namespace sluice::disk {
namespace {

std::string DefaultParent() {
  const char* parent = std::getenv("TMPDIR");
  return parent == nullptr || *parent == '\0' ? "/tmp" : parent;
}

}  // namespace

absl::StatusOr<TempDir> TempDir::Create(absl::string_view prefix, absl::string_view parent) {
  const std::string wanted = parent.empty() ? DefaultParent() : std::string(parent);
  const std::unique_ptr<char, void (*)(void*)> resolved(realpath(wanted.c_str(), nullptr), free);
  if (resolved == nullptr) return Annotate(ErrnoStatus(errno, "open", wanted), "tmp dir error");
  std::string path = absl::StrCat(resolved.get(), "/", prefix, "XXXXXX");
  if (mkdtemp(path.data()) == nullptr) {
    return Annotate(ErrnoStatus(errno, "mkdir", path), "tmp dir error");
  }
  absl::StatusOr<RootedPath> root = RootedPath::Open(path);
  if (!root.ok()) return Annotate(root.status(), "tmp dir error");
  return TempDir(*std::move(root));
}

TempDir& TempDir::operator=(TempDir&& other) noexcept {
  if (this != &other) {
    Remove();
    root_ = std::move(other.root_);
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
