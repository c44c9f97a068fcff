// SPDX-License-Identifier: Apache-2.0
#include "common/archive/pack.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/archive/gzip.h"
#include "common/archive/tar_writer.h"
#include "common/base/status_macros.h"

namespace sluice::archive {
namespace {

absl::Status PackFile(const fs::Tree& tree, absl::string_view path, const fs::Entry& entry,
                      TarWriter& tar) {
  uint64_t left = entry.size;
  RETURN_IF_ERROR(tree.ReadPieces(path, [&](absl::string_view piece) -> absl::Status {
    if (piece.size() > left) {
      return absl::AbortedError(absl::StrCat(path, " grew while it was read"));
    }
    left -= piece.size();
    return tar.Write(piece);
  }));
  if (left > 0) return absl::AbortedError(absl::StrCat(path, " shrank while it was read"));
  return absl::OkStatus();
}

}  // namespace

absl::Status Pack(const fs::Tree& tree, LeaveOut leave_out, ByteSink sink,
                  const fs::WalkLimits& limits) {
  GzipWriter gzip(std::move(sink));
  TarWriter tar([&gzip](absl::string_view bytes) { return gzip.Write(bytes); });
  const auto pack = [&](absl::string_view path,
                        const fs::Entry& entry) -> absl::StatusOr<fs::Visit> {
    if (entry.type == fs::EntryType::kSymlink || leave_out(path, entry)) {
      return fs::Visit::kContinue;
    }
    const bool is_directory = entry.type == fs::EntryType::kDirectory;
    RETURN_IF_ERROR(
        tar.Begin({.name = path.empty() ? "." : std::string(path),
                   .type = is_directory ? TarEntry::Type::kDirectory : TarEntry::Type::kFile,
                   .mode = is_directory       ? 0750u
                           : entry.executable ? 0700u
                                              : 0600u,
                   .size = entry.size}));
    if (!is_directory) RETURN_IF_ERROR(PackFile(tree, path, entry, tar));
    return fs::Visit::kContinue;
  };
  RETURN_IF_ERROR(fs::Walk(tree, "", limits, pack));
  RETURN_IF_ERROR(tar.Finish());
  return gzip.Finish();
}

absl::Status Pack(const fs::Tree& tree, ByteSink sink) {
  return Pack(
      tree, [](absl::string_view, const fs::Entry&) { return false; }, std::move(sink));
}

}  // namespace sluice::archive
