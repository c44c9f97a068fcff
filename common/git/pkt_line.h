// pkt-line: the framing of Git's wire protocol (gitprotocol-common). A packet is four hex digits of
// length, themselves included, and that many bytes less four; lengths 0, 1 and 2 are the special
// packets flush, delimiter and response end.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::git {

inline constexpr size_t kMaxPacketPayload = 65516;

inline constexpr absl::string_view kFlushPacket = "0000";
inline constexpr absl::string_view kDelimiterPacket = "0001";

// Appends a packet. `payload` has at most kMaxPacketPayload bytes.
void AppendPacket(std::string* out, absl::string_view payload);

struct Packet {
  enum class Kind : uint8_t { kData, kFlush, kDelimiter, kResponseEnd };
  Kind kind = Kind::kData;
  absl::string_view payload;  // kData: valid during the call only

  // The payload as text, without the line end that text packets may have.
  absl::string_view Text() const;
};

// Cuts a stream of bytes into packets, whatever pieces it comes in. Not thread-safe.
class PacketReader {
 public:
  // Called for each packet in turn; an error ends the reading.
  using OnPacket = std::function<absl::Status(const Packet& packet)>;

  explicit PacketReader(OnPacket on_packet) : on_packet_(std::move(on_packet)) {}

  // kInvalidArgument for bytes that are no packets; otherwise the callback's error, if any.
  absl::Status Feed(absl::string_view bytes);
  // Whether the bytes so far are whole packets.
  bool AtBoundary() const { return partial_.empty(); }

 private:
  OnPacket on_packet_;
  std::string partial_;  // the start of a packet that has not arrived whole
};

// Cuts the first packet off `bytes`, which hold it whole; kInvalidArgument if they do not.
absl::StatusOr<Packet> TakePacket(absl::string_view& bytes);

// Text from the other side made fit for a message: printable ASCII, one line, at most 500
// bytes.
std::string RemoteText(absl::string_view text);

}  // namespace sluice::git
