// StatusMirror: shows the objects of another controller on our board, so that one endpoint answers
// for both (--sync-status-peers). The other side is asked once and then tells of changes; callers
// cost it nothing.
//
// While the connection is down the last known state is shown. The other controller lets our service
// account watch its kinds in all namespaces, or shows less; our callers are authorized here.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include "common/base/clock.h"
#include "common/base/context.h"
#include "common/controller_rpc/peers.h"
#include "common/sync_status/board.h"

namespace sluice::controller_rpc {

class StatusMirror {
 public:
  // Starts at once. `board` and `clock` must outlive it.
  StatusMirror(const Context& ctx, std::string address, PeerSecurity security,
               sync_status::Board& board, Clock& clock);
  ~StatusMirror();
  StatusMirror(const StatusMirror&) = delete;
  StatusMirror& operator=(const StatusMirror&) = delete;

  // Whether everything was shown once.
  bool synced() const { return synced_; }
  const std::string& address() const { return address_; }

 private:
  // One stream, from token_ on; how it ended.
  absl::Status Listen(const Context& ctx, const Peer& peer, bool& heard);

  const std::string address_;
  const PeerSecurity security_;
  sync_status::Board& board_;
  Clock& clock_;
  std::atomic<bool> synced_ = false;
  // Of the thread.
  std::string token_;
  std::set<sync_status::ObjectRef> shown_;
  std::stop_source stop_;
  std::jthread thread_;
};

}  // namespace sluice::controller_rpc
