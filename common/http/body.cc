// SPDX-License-Identifier: Apache-2.0
#include "common/http/body.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace sluice::http {
namespace {

// Chunk headers and trailers: their extensions are of no use to us.
constexpr size_t kMaxLine = 4096;
constexpr int kMaxTrailers = 64;

absl::Status Truncated() { return absl::UnavailableError("unexpected EOF"); }

// Where the head ends and the body begins, or 0 if the end is not there yet.
size_t HeadEnd(absl::string_view text, size_t from) {
  for (size_t at = text.find('\n', from); at != absl::string_view::npos;
       at = text.find('\n', at + 1)) {
    const absl::string_view rest = text.substr(at + 1);
    if (absl::StartsWith(rest, "\r\n")) return at + 3;
    if (absl::StartsWith(rest, "\n")) return at + 2;
  }
  return 0;
}

// The next line without its line break.
absl::StatusOr<std::string> ReadLine(Connection& connection, const Patience& patience) {
  while (true) {
    const absl::string_view text = connection.buffered();
    const size_t end = text.find('\n');
    if (std::min(end, text.size()) > kMaxLine) {
      return absl::InvalidArgumentError("malformed chunked encoding: line too long");
    }
    if (end != absl::string_view::npos) {
      std::string line(absl::StripSuffix(text.substr(0, end), "\r"));
      connection.Consume(end + 1);
      return line;
    }
    ASSIGN_OR_RETURN(const bool more, connection.Fill(patience));
    if (!more) return Truncated();
  }
}

absl::StatusOr<uint64_t> ParseChunkSize(absl::string_view line) {
  const absl::string_view digits = absl::StripAsciiWhitespace(line.substr(0, line.find(';')));
  uint64_t size = 0;
  const bool ok = !digits.empty() && digits.size() <= 15 &&
                  std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit);
  if (!ok) {
    return absl::InvalidArgumentError(absl::StrCat("malformed chunked encoding: size \"",
                                                   absl::CEscape(digits.substr(0, 40)), "\""));
  }
  for (const char c : digits) {
    size = size * 16 + static_cast<uint64_t>(
                           absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10);
  }
  return size;
}

absl::Status ReadLength(Connection& connection, const Patience& patience, uint64_t length,
                        const OnData& on_data) {
  while (length > 0) {
    const absl::string_view text = connection.buffered();
    if (text.empty()) {
      ASSIGN_OR_RETURN(const bool more, connection.Fill(patience));
      if (!more) return Truncated();
      continue;
    }
    const absl::string_view piece = text.substr(0, std::min<uint64_t>(text.size(), length));
    RETURN_IF_ERROR(on_data(piece));
    length -= piece.size();
    connection.Consume(piece.size());
  }
  return absl::OkStatus();
}

absl::Status ReadChunked(Connection& connection, const Patience& patience, const OnData& on_data) {
  while (true) {
    ASSIGN_OR_RETURN(const std::string header, ReadLine(connection, patience));
    ASSIGN_OR_RETURN(const uint64_t size, ParseChunkSize(header));
    if (size == 0) break;
    RETURN_IF_ERROR(ReadLength(connection, patience, size, on_data));
    ASSIGN_OR_RETURN(const std::string end, ReadLine(connection, patience));
    if (!end.empty()) {
      return absl::InvalidArgumentError("malformed chunked encoding: chunk longer than its size");
    }
  }
  for (int trailers = 0; trailers <= kMaxTrailers; ++trailers) {
    ASSIGN_OR_RETURN(const std::string line, ReadLine(connection, patience));
    if (line.empty()) return absl::OkStatus();
  }
  return absl::InvalidArgumentError("malformed chunked encoding: too many trailers");
}

}  // namespace

absl::StatusOr<std::optional<std::string>> ReadHead(Connection& connection,
                                                    const Patience& patience) {
  size_t searched = 0;
  while (true) {
    absl::string_view text = connection.buffered();
    if (searched == 0) {
      // RFC 9112 2.2: robustness against an extra line break after the body before.
      const size_t blank = std::min(text.find_first_not_of("\r\n"), text.size());
      connection.Consume(blank);
      text = connection.buffered();
    }
    if (const size_t end = HeadEnd(text, searched); end > 0) {
      if (end > kMaxHead) return absl::ResourceExhaustedError("HTTP head too large");
      std::string head(text.substr(0, end));
      connection.Consume(end);
      while (!head.empty() && (head.back() == '\n' || head.back() == '\r')) head.pop_back();
      return head;
    }
    if (text.size() > kMaxHead) return absl::ResourceExhaustedError("HTTP head too large");
    searched = text.size() > 2 ? text.size() - 2 : 0;
    const bool begun = !text.empty();
    ASSIGN_OR_RETURN(const bool more, connection.Fill(patience));
    if (!more) {
      if (begun) return Truncated();
      return std::optional<std::string>();
    }
  }
}

absl::Status ReadBody(Connection& connection, const Patience& patience, const Framing& framing,
                      const OnData& on_data) {
  switch (framing.kind) {
    case Framing::Kind::kNone:
      return absl::OkStatus();
    case Framing::Kind::kLength:
      return ReadLength(connection, patience, framing.length, on_data);
    case Framing::Kind::kChunked:
      return ReadChunked(connection, patience, on_data);
    case Framing::Kind::kUntilClose:
      break;
  }
  while (true) {
    if (const absl::string_view text = connection.buffered(); !text.empty()) {
      RETURN_IF_ERROR(on_data(text));
      connection.Consume(text.size());
    }
    ASSIGN_OR_RETURN(const bool more, connection.Fill(patience));
    if (!more) return absl::OkStatus();
  }
}

std::string FormatChunk(absl::string_view bytes) {
  return absl::StrCat(absl::Hex(bytes.size()), "\r\n", bytes, "\r\n");
}

}  // namespace sluice::http
