// gzip (RFC 1952), written so that the same bytes always give the same archive.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/archive/byte_stream.h"

namespace sluice::archive {

// What stands in the header besides what never varies: no time, no name, operating system 255, as
// Go's compress/gzip writes it.
struct GzipStyle {
  int level = 6;        // 1 (fast) to 9 (small)
  std::string extra;    // the "extra field", at most 65,535 bytes; "" for none
  std::string comment;  // without NUL; "" for none
};

// Compresses what is written to it. Not thread-safe.
class GzipWriter {
 public:
  explicit GzipWriter(ByteSink sink, const GzipStyle& style = {});
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  // The errors of the sink.
  absl::Status Write(absl::string_view bytes);
  // Writes the end; call once, last.
  absl::Status Finish();

 private:
  struct State;

  absl::Status Deflate(absl::string_view bytes, bool finish);

  std::unique_ptr<State> state_;
};

// Decompresses what it reads from another source, which must outlive it. Members that follow one
// another read as one, as in Go. Not thread-safe.
//
// How much comes out is not bounded here, but the reader decides how much it takes.
class GunzipSource : public ByteSource {
 public:
  explicit GunzipSource(ByteSource& compressed);
  ~GunzipSource() override;
  GunzipSource(const GunzipSource&) = delete;
  GunzipSource& operator=(const GunzipSource&) = delete;

  // kInvalidArgument for what is not gzip ("requires gzip-compressed body"), is damaged or ends too
  // early; the errors of the other source.
  absl::StatusOr<size_t> Read(std::span<char> buffer) override;

 private:
  struct State;

  absl::Status Fill();

  ByteSource& compressed_;
  std::unique_ptr<State> state_;
};

// Whole texts at once. Gunzip: kResourceExhausted if more than `limit` bytes come out.
std::string Gzip(absl::string_view bytes, const GzipStyle& style = {});
absl::StatusOr<std::string> Gunzip(absl::string_view compressed, size_t limit);

}  // namespace sluice::archive
