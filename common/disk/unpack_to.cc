// SPDX-License-Identifier: Apache-2.0
#include "common/disk/unpack_to.h"

#include "common/base/status_macros.h"
#include "common/fs/clean_path.h"

namespace sluice::disk {
namespace {

class CancellableSource : public archive::ByteSource {
 public:
  CancellableSource(const Context& ctx, archive::ByteSource& source) : ctx_(ctx), source_(source) {}
  absl::StatusOr<size_t> Read(std::span<char> buffer) override {
    RETURN_IF_ERROR(ctx_.Check());
    return source_.Read(buffer);
  }

 private:
  const Context& ctx_;
  archive::ByteSource& source_;
};

class DiskTarget : public archive::UnpackTarget {
 public:
  explicit DiskTarget(const RootedPath& root) : root_(root) {}

  absl::Status AddDirectory(absl::string_view path, uint32_t mode) override {
    RETURN_IF_ERROR(CreateParents(path));
    return root_.CreateDirectories(path, mode);
  }

  absl::Status AddFile(absl::string_view path, uint32_t mode, uint64_t /*size*/,
                       Reader read) override {
    RETURN_IF_ERROR(CreateParents(path));
    return root_.Overwrite(path, mode | 0600, read);
  }

 private:
  absl::Status CreateParents(absl::string_view path) {
    return root_.CreateDirectories(fs::ParentPath(path), 0750);
  }

  const RootedPath& root_;
};

}  // namespace

absl::StatusOr<size_t> FileSource::Read(std::span<char> buffer) {
  return ReadSome(file_.fd(), buffer.data(), buffer.size(), "archive");
}

absl::Status UnpackTo(const Context& ctx, archive::ByteSource& compressed,
                      const archive::UnpackOptions& options, const RootedPath& target) {
  CancellableSource source(ctx, compressed);
  DiskTarget disk(target);
  return archive::Unpack(source, options, disk);
}

}  // namespace sluice::disk
