// SPDX-License-Identifier: Apache-2.0
#include "common/git/pkt_line.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/base/status_macros.h"

namespace sluice::git {
namespace {

constexpr size_t kHeader = 4;

// The length that four hex digits give; nothing if they are no valid length.
std::optional<size_t> ParseLength(absl::string_view digits) {
  size_t length = 0;
  for (char c : digits) {
    if (!absl::ascii_isxdigit(c)) return std::nullopt;
    length =
        length * 16 +
        static_cast<size_t>(absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10);
  }
  if (length == 3 || length > kMaxPacketPayload + kHeader) return std::nullopt;
  return length;
}

Packet::Kind KindOf(size_t length) {
  switch (length) {
    case 0:
      return Packet::Kind::kFlush;
    case 1:
      return Packet::Kind::kDelimiter;
    case 2:
      return Packet::Kind::kResponseEnd;
    default:
      return Packet::Kind::kData;
  }
}

}  // namespace

void AppendPacket(std::string* out, absl::string_view payload) {
  absl::StrAppend(out, absl::StrFormat("%04x", payload.size() + kHeader), payload);
}

absl::string_view Packet::Text() const { return absl::StripSuffix(payload, "\n"); }

absl::Status PacketReader::Feed(absl::string_view bytes) {
  while (true) {
    // Packets that lie whole in `bytes` are handed on from there; only the rest is copied.
    const bool stored = !partial_.empty();
    if (stored && partial_.size() < kHeader) {
      const size_t take = std::min(kHeader - partial_.size(), bytes.size());
      absl::StrAppend(&partial_, bytes.substr(0, take));
      bytes.remove_prefix(take);
    }
    const absl::string_view head = stored ? absl::string_view(partial_) : bytes;
    if (head.size() < kHeader) {
      if (!stored) partial_ = std::string(bytes);
      return absl::OkStatus();
    }
    const std::optional<size_t> length = ParseLength(head.substr(0, kHeader));
    if (!length.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("unexpected bytes where a packet should start: \"",
                       RemoteText(head.substr(0, 64)), "\""));
    }
    const size_t total = std::max(*length, kHeader);
    if (stored) {
      const size_t take = std::min(total - partial_.size(), bytes.size());
      absl::StrAppend(&partial_, bytes.substr(0, take));
      bytes.remove_prefix(take);
      if (partial_.size() < total) return absl::OkStatus();
    } else if (bytes.size() < total) {
      partial_ = std::string(bytes);
      return absl::OkStatus();
    }
    Packet packet;
    packet.kind = KindOf(*length);
    std::string held;
    if (stored) {
      held.swap(partial_);
      packet.payload = absl::string_view(held).substr(kHeader);
    } else {
      packet.payload = bytes.substr(kHeader, total - kHeader);
      bytes.remove_prefix(total);
    }
    RETURN_IF_ERROR(on_packet_(packet));
  }
}

absl::StatusOr<Packet> TakePacket(absl::string_view& bytes) {
  const std::optional<size_t> length =
      bytes.size() < kHeader ? std::nullopt : ParseLength(bytes.substr(0, kHeader));
  const size_t total = std::max(length.value_or(0), kHeader);
  if (!length.has_value() || bytes.size() < total) {
    return absl::InvalidArgumentError("a packet is malformed or cut short");
  }
  const Packet packet{.kind = KindOf(*length), .payload = bytes.substr(kHeader, total - kHeader)};
  bytes.remove_prefix(total);
  return packet;
}

std::string RemoteText(absl::string_view text) {
  std::string clean;
  for (char c : absl::StripAsciiWhitespace(text).substr(0, 500)) {
    clean.push_back(absl::ascii_isprint(c) ? c : absl::ascii_isspace(c) ? ' ' : '?');
  }
  return std::string(absl::StripAsciiWhitespace(clean));
}

}  // namespace sluice::git
