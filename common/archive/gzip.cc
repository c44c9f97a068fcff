// SPDX-License-Identifier: Apache-2.0
#include "common/archive/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::archive {
namespace {

constexpr size_t kBufferBytes = 64 * 1024;
constexpr int kGzipWindow = 15 + 16;  // zlib: the largest window, in a gzip wrapper

Bytef* AsBytes(const char* bytes) {
  // zlib does not write through next_in, though 1.2's type would let it.
  return reinterpret_cast<Bytef*>(const_cast<char*>(bytes));
}

absl::Status Damaged(absl::string_view cause) {
  return absl::InvalidArgumentError(absl::StrCat("gzip: ", cause));
}

absl::Status NotGzip(absl::string_view cause) {
  return absl::InvalidArgumentError(absl::StrCat("requires gzip-compressed body: gzip: ", cause));
}

}  // namespace

struct GzipWriter::State {
  ByteSink sink;
  GzipStyle style;
  z_stream stream = {};
  gz_header header = {};
  std::array<char, kBufferBytes> out;
};

GzipWriter::GzipWriter(ByteSink sink, const GzipStyle& style) : state_(std::make_unique<State>()) {
  state_->sink = std::move(sink);
  state_->style = style;
  // It can only fail for want of memory or for a level out of range, a mistake of ours.
  if (deflateInit2(&state_->stream, style.level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    std::abort();
  }
  gz_header& header = state_->header;
  header.os = 255;  // unknown
  if (!style.extra.empty()) {
    header.extra = AsBytes(state_->style.extra.data());
    header.extra_len = static_cast<uInt>(style.extra.size());
  }
  if (!style.comment.empty()) header.comment = AsBytes(state_->style.comment.c_str());
  deflateSetHeader(&state_->stream, &header);
}

GzipWriter::~GzipWriter() { deflateEnd(&state_->stream); }

absl::Status GzipWriter::Write(absl::string_view bytes) { return Deflate(bytes, false); }
absl::Status GzipWriter::Finish() { return Deflate("", true); }

absl::Status GzipWriter::Deflate(absl::string_view bytes, bool finish) {
  z_stream& stream = state_->stream;
  bool done = false;
  while (!done) {
    if (stream.avail_in == 0) {
      const size_t piece = std::min<size_t>(bytes.size(), std::numeric_limits<uInt>::max());
      stream.next_in = AsBytes(bytes.data());
      stream.avail_in = static_cast<uInt>(piece);
      bytes.remove_prefix(piece);
    }
    stream.next_out = AsBytes(state_->out.data());
    stream.avail_out = static_cast<uInt>(state_->out.size());
    const int result = deflate(&stream, finish ? Z_FINISH : Z_NO_FLUSH);
    const size_t written = state_->out.size() - stream.avail_out;
    if (written > 0) RETURN_IF_ERROR(state_->sink({state_->out.data(), written}));
    // Room left in the output means that deflate() wants more input.
    done = finish ? result == Z_STREAM_END
                  : stream.avail_out > 0 && stream.avail_in == 0 && bytes.empty();
  }
  return absl::OkStatus();
}

struct GunzipSource::State {
  z_stream stream = {};
  gz_header header = {};  // of the first member
  std::array<char, kBufferBytes> in;
  bool in_ended = false;  // the compressed bytes are used up but for what is in the buffer
  bool in_member = true;  // a member has begun, or the first is awaited
};

GunzipSource::GunzipSource(ByteSource& compressed)
    : compressed_(compressed), state_(std::make_unique<State>()) {
  if (inflateInit2(&state_->stream, kGzipWindow) != Z_OK) std::abort();  // out of memory
  inflateGetHeader(&state_->stream, &state_->header);
}

GunzipSource::~GunzipSource() { inflateEnd(&state_->stream); }

absl::Status GunzipSource::Fill() {
  if (state_->stream.avail_in > 0 || state_->in_ended) return absl::OkStatus();
  ASSIGN_OR_RETURN(const size_t count, compressed_.Read(state_->in));
  state_->stream.next_in = AsBytes(state_->in.data());
  state_->stream.avail_in = static_cast<uInt>(count);
  state_->in_ended = count == 0;
  return absl::OkStatus();
}

absl::StatusOr<size_t> GunzipSource::Read(std::span<char> buffer) {
  z_stream& stream = state_->stream;
  const size_t room = std::min<size_t>(buffer.size(), std::numeric_limits<uInt>::max());
  stream.next_out = AsBytes(buffer.data());
  stream.avail_out = static_cast<uInt>(room);
  // Until something came out: a header alone gives nothing yet.
  while (room > 0 && stream.avail_out == room) {
    RETURN_IF_ERROR(Fill());
    if (stream.avail_in == 0) {  // at the end
      if (!state_->in_member) return 0;
      return state_->header.done == 1 ? Damaged("unexpected EOF") : NotGzip("unexpected EOF");
    }
    if (!state_->in_member) {
      inflateReset(&stream);
      state_->in_member = true;
    }
    switch (inflate(&stream, Z_NO_FLUSH)) {
      case Z_OK:
      case Z_BUF_ERROR:  // needs more input
        break;
      case Z_STREAM_END:
        state_->in_member = false;
        break;
      case Z_MEM_ERROR:
        return absl::ResourceExhaustedError("gzip: out of memory");
      default:
        const absl::string_view cause = stream.msg == nullptr ? "corrupt input" : stream.msg;
        return state_->header.done == 1 ? Damaged(cause) : NotGzip(cause);
    }
  }
  return room - stream.avail_out;
}

std::string Gzip(absl::string_view bytes, const GzipStyle& style) {
  std::string compressed;
  GzipWriter writer(
      [&](absl::string_view piece) {
        compressed.append(piece.data(), piece.size());
        return absl::OkStatus();
      },
      style);
  writer.Write(bytes).IgnoreError();  // that sink never fails
  writer.Finish().IgnoreError();
  return compressed;
}

absl::StatusOr<std::string> Gunzip(absl::string_view compressed, size_t limit) {
  MemorySource source(compressed);
  GunzipSource gunzip(source);
  std::string bytes;
  std::array<char, kBufferBytes> buffer;
  while (true) {
    ASSIGN_OR_RETURN(const size_t count, gunzip.Read(buffer));
    if (count == 0) return bytes;
    if (count > limit - bytes.size()) {
      return absl::ResourceExhaustedError(
          absl::StrCat("gzip: more than ", limit, " bytes uncompressed"));
    }
    bytes.append(buffer.data(), count);
  }
}

}  // namespace sluice::archive
