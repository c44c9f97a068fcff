// SPDX-License-Identifier: Apache-2.0
#include "services/source-controller/helm_repository/index_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/parallel.h"
#include "common/base/status.h"
#include "common/base/status_macros.h"
#include "common/helm_repository/index_splitter.h"

namespace sluice::source_controller {
namespace {

using helm_repository::IndexAssembler;
using helm_repository::IndexPiece;
using helm_repository::IndexSplitter;
using helm_repository::ReadPiece;
using helm_repository::SplitOptions;

constexpr size_t kBlock = size_t{256} << 10;
constexpr char kTexts[] = "texts";

// Reads pieces side by side, and has them assembled in their order.
class Batch {
 public:
  Batch(size_t threads, IndexAssembler& assembler, disk::FileWriter& texts)
      : threads_(threads), assembler_(assembler), texts_(texts) {}

  absl::Status Add(IndexPiece piece) {
    pieces_.push_back(std::move(piece));
    return pieces_.size() < 2 * threads_ ? absl::OkStatus() : Flush();
  }

  absl::Status Flush() {
    std::vector<absl::StatusOr<ReadPiece>> read(pieces_.size(), absl::UnknownError("not read"));
    ParallelFor(pieces_.size(), threads_, [&](size_t i) {
      read[i] = helm_repository::Read(pieces_[i]);
      const size_t line = pieces_[i].first_line;
      if (!read[i].ok() && line > 1) {
        read[i] = Annotate(read[i].status(), absl::StrCat("in the part from line ", line, " on"));
      }
      pieces_[i].text = std::string();
      return read[i].ok();
    });
    pieces_.clear();
    for (absl::StatusOr<ReadPiece>& piece : read) {
      RETURN_IF_ERROR(piece.status());
      RETURN_IF_ERROR(assembler_.Add(*std::move(piece), [this](absl::string_view bytes) {
        return texts_.Write(bytes);
      }));
    }
    return absl::OkStatus();
  }

 private:
  const size_t threads_;
  IndexAssembler& assembler_;
  disk::FileWriter& texts_;
  std::vector<IndexPiece> pieces_;
};

absl::Status Assemble(const Context& ctx, const disk::RootedPath& directory,
                      absl::string_view path, const SplitOptions& options, size_t threads,
                      IndexAssembler& assembler) {
  ASSIGN_OR_RETURN(const disk::Handle file, directory.OpenForReading(path));
  ASSIGN_OR_RETURN(disk::FileWriter texts, directory.Create(kTexts));
  Batch batch(threads, assembler, texts);
  const auto emit = [&](IndexPiece piece) { return batch.Add(std::move(piece)); };
  IndexSplitter splitter(options);
  std::string block(kBlock, '\0');
  while (true) {
    RETURN_IF_ERROR(ctx.Check());
    ASSIGN_OR_RETURN(const size_t count,
                     disk::ReadSome(file.fd(), block.data(), block.size(), path));
    if (count == 0) break;
    RETURN_IF_ERROR(splitter.Feed(absl::string_view(block.data(), count), emit));
  }
  RETURN_IF_ERROR(splitter.Finish(emit));
  RETURN_IF_ERROR(batch.Flush());
  return texts.Commit();
}

}  // namespace

absl::StatusOr<StoredIndex> ReadIndexFile(const Context& ctx, const disk::RootedPath& directory,
                                          absl::string_view path, size_t threads) {
  ASSIGN_OR_RETURN(const disk::DiskEntry entry, directory.Stat(path));
  SplitOptions options;
  auto assembler = std::make_optional<IndexAssembler>();
  absl::Status assembled = Assemble(ctx, directory, path, options, threads, *assembler);
  if (absl::IsInvalidArgument(assembled) && entry.size > options.whole &&
      entry.size <= options.most) {
    // Perhaps it can only be read as a whole; if not, that tells better what is wrong.
    options.whole = options.most;
    assembler.emplace();
    assembled = Assemble(ctx, directory, path, options, threads, *assembler);
  }
  RETURN_IF_ERROR(assembled);
  StoredIndex index;
  ASSIGN_OR_RETURN(index.segments_, assembler->Finish());
  ASSIGN_OR_RETURN(index.texts_, directory.OpenForReading(kTexts));
  index.charts_ = assembler->charts();
  index.versions_ = assembler->versions();
  return index;
}

absl::StatusOr<absl::string_view> StoredIndex::Next() {
  buffer_.clear();
  while (segment_ < segments_.size() && buffer_.size() < kBlock) {
    const helm_repository::Segment& segment = segments_[segment_];
    if (!text_given_) {
      buffer_ += segment.text;
      text_given_ = true;
    }
    const size_t want = std::min<uint64_t>(segment.size - given_, kBlock);
    const size_t before = buffer_.size();
    buffer_.resize(before + want);
    for (size_t done = 0; done < want;) {
      const ssize_t count =
          pread(texts_.fd(), buffer_.data() + before + done, want - done,
                static_cast<off_t>(segment.begin + given_ + done));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return disk::ErrnoStatus(count < 0 ? errno : EIO, "read", kTexts);
      done += static_cast<size_t>(count);
    }
    given_ += want;
    if (given_ < segment.size) break;
    ++segment_;
    text_given_ = false;
    given_ = 0;
  }
  return absl::string_view(buffer_);
}

}  // namespace sluice::source_controller
