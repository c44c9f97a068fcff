// ArtifactSubscriber: hears from source-controller of every new artifact, for as long as it lives.
//
// Guarantees. The callback runs for each event, from one thread, in the order of the stream. A lost
// connection is made again with a back-off, resuming where it broke off.
// Assumptions. Events are hints: whoever gets one reads the source's status for the truth, and also
// watches it, so that everything works, later, while the connection is down.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "common/artifact/hub.h"
#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/controller_rpc/peers.h"

namespace sluice::controller_rpc {

class ArtifactSubscriber {
 public:
  using OnEvent = std::function<void(const artifact::Event&)>;

  // Starts at once. An empty `address` is a subscriber that hears nothing. `clock` must outlive it.
  ArtifactSubscriber(const Context& ctx, std::string address, PeerSecurity security,
                     artifact::Filter filter, OnEvent on_event, Clock& clock);
  ~ArtifactSubscriber();
  ArtifactSubscriber(const ArtifactSubscriber&) = delete;
  ArtifactSubscriber& operator=(const ArtifactSubscriber&) = delete;

 private:
  // One stream, from token_ on; how it ended. Whether anything came goes into `heard`.
  absl::Status Listen(const Context& ctx, const Peer& peer, bool& heard);

  const artifact::Filter filter_;
  const OnEvent on_event_;
  std::string token_;  // of the thread
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace sluice::controller_rpc
