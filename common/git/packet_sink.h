// PacketSink: reads an answer that is made of packets, up to a limit.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/git/pkt_line.h"
#include "common/git/wire.h"

namespace sluice::git {

// An answer made of packets, read by something that has Take(Packet) and done().
template <typename Reader>
class PacketSink : public AnswerSink {
 public:
  PacketSink(Reader& reader, uint64_t max_bytes)
      : reader_(reader),
        left_(max_bytes),
        packets_([this](const Packet& packet) { return reader_.Take(packet); }) {}

  absl::Status Take(absl::string_view bytes) override {
    if (bytes.size() > left_) {
      return absl::ResourceExhaustedError("the Git server sends more bytes than the limit allows");
    }
    left_ -= bytes.size();
    return packets_.Feed(bytes);
  }
  bool done() const override { return reader_.done(); }

 private:
  Reader& reader_;
  uint64_t left_;
  PacketReader packets_;
};

}  // namespace sluice::git
