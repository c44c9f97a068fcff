// WatchHub: the calls of SyncStatusService.Watch, as many as there are, on few threads.
//
// A watch holds no thread: gRPC's callbacks and one thread that waits for changes push it on from
// message to message. What it holds is a place in the board's sequence of changes, so a slow reader
// costs nothing but that. A change is encoded once for all watches. Two threads ask the Kubernetes
// API what callers may see, so that an answer that takes long holds up no other watch.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/base/clock.h"
#include "common/controller_rpc/guard.h"
#include "common/rpc/server_call.h"
#include "common/sync_status/board.h"

namespace sluice::controller_rpc {

class Watcher;

// Thread-safe. Watches end with the server that they came from (`calls`).
class WatchHub {
 public:
  using CheckKinds = std::function<absl::Status(const std::vector<std::string>& kinds)>;

  // All must outlive it. `check_kinds` is the service's answer to unknown kinds.
  WatchHub(sync_status::Board& board, Guard& guard, Clock& clock, rpc::RunningCalls& calls,
           CheckKinds check_kinds);
  // The server is down: no watch is left.
  ~WatchHub();

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(grpc::CallbackServerContext* call,
                                                    const grpc::ByteBuffer* request);

 private:
  friend class Watcher;

  // Watches are pushed on whenever the board has changed, and once a second looked at for their
  // tokens' ends.
  void Pump();
  // Asks for the watches that need an answer.
  void Ask();
  void NeedsAnswer(std::shared_ptr<Watcher> watcher);
  void Forget(const Watcher* watcher);
  std::vector<std::shared_ptr<Watcher>> All();
  std::string Token(sync_status::Board::Cursor cursor) const;
  // The place that `token` names; nullopt for one that is not of this hub.
  std::optional<sync_status::Board::Cursor> FromToken(const std::string& token) const;
  // The message for a change at `cursor`; the same bytes for all watches.
  grpc::ByteBuffer Encoded(const sync_status::Board::Update& update, bool removed,
                           sync_status::Board::Cursor cursor);

  sync_status::Board& board_;
  Guard& guard_;
  Clock& clock_;
  rpc::RunningCalls& calls_;
  const CheckKinds check_kinds_;
  const std::string epoch_;  // tells this hub's tokens from those of an earlier process
  absl::Mutex mutex_;
  absl::CondVar asked_;
  std::map<const Watcher*, std::shared_ptr<Watcher>> watchers_ ABSL_GUARDED_BY(mutex_);
  std::deque<std::shared_ptr<Watcher>> questions_ ABSL_GUARDED_BY(mutex_);
  bool ending_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Mutex encoded_mutex_;
  std::map<std::pair<sync_status::Board::Cursor, bool>, grpc::ByteBuffer> encoded_
      ABSL_GUARDED_BY(encoded_mutex_);
  std::vector<std::jthread> threads_;  // last: they end before what they use
};

}  // namespace sluice::controller_rpc
