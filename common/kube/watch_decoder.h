// Cuts a watch's body into events: one JSON object per line, lines cut anywhere by the network.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/kube/client.h"

namespace sluice::kube {

// Not thread-safe.
class WatchDecoder {
 public:
  // The longest line that is accepted: etcd's limit of 1.5 MiB for an object, with room to spare.
  static constexpr size_t kMaxLine = size_t{16} << 20;

  explicit WatchDecoder(std::function<absl::Status(WatchEvent)> on_event)
      : on_event_(std::move(on_event)) {}

  // Calls on_event for each event that `bytes` completes. Errors: what on_event returned, the
  // server's ERROR event (kOutOfRange when the watch is too old), kInvalidArgument for a line that
  // is no event, kResourceExhausted for one that is too long.
  absl::Status Feed(absl::string_view bytes);

 private:
  absl::Status Decode(absl::string_view line);

  std::function<absl::Status(WatchEvent)> on_event_;
  std::string partial_;
};

}  // namespace sluice::kube
