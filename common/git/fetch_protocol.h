// The requests that a client sends to upload-pack and the answer that carries a pack, in protocol
// versions 0 and 2 (gitprotocol-pack, gitprotocol-v2). Bytes in, bytes out; no I/O.
//
// The negotiation is a single round: every commit that we have is named together with what we want
// and "done". That is enough for a mirror that only ever holds commits it was sent by this server.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/git/advertisement.h"
#include "common/git/object_id.h"
#include "common/git/pkt_line.h"

namespace sluice::git {

struct Have {
  ObjectId id;
  bool shallow = false;  // we have the commit and its tree, but not its parents
};

struct FetchRequest {
  std::vector<ObjectId> wants;  // at least one
  std::vector<Have> haves;
  int depth = 0;  // commits of history per want; 0: all of it
};

// Whether the server lets us limit the depth.
bool SupportsDepth(const Advertisement& server);
// Whether the server promises to send commits that no reference points at.
bool SupportsAnyWant(const Advertisement& server);

// kUnimplemented for a server without side-band-64k or side-band, or with SHA-256 names. A depth
// that the server does not support is left out.
absl::StatusOr<std::string> EncodeFetch(const Advertisement& server, const FetchRequest& request);

// Version 2 only: lists what starts with one of `prefixes`, everything if there are none.
std::string EncodeListRefs(const Advertisement& server, std::span<const std::string> prefixes);

// Reads the packets of the answer to EncodeFetch().
class FetchResponseReader {
 public:
  // Called with each piece of the pack in turn.
  using OnPack = std::function<absl::Status(absl::string_view bytes)>;

  // `expect_shallow_info`: the request as encoded had a depth.
  FetchResponseReader(int version, bool expect_shallow_info, OnPack on_pack);

  // kFailedPrecondition or kNotFound when the server refuses, kInvalidArgument for what does not
  // belong there, kUnavailable when it fails while sending, or the callback's error.
  absl::Status Take(const Packet& packet);
  bool done() const { return state_ == State::kDone; }

 private:
  enum class State { kShallowInfo, kAcknowledgments, kSectionStart, kSection, kPack, kDone };

  absl::Status TakePack(const Packet& packet);

  State state_;
  OnPack on_pack_;
};

}  // namespace sluice::git
