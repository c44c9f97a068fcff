// Watcher: one call of SyncStatusService.Watch.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/controller_rpc/guard.h"
#include "common/controller_rpc/watch_hub.h"
#include "common/rpc/caller.h"
#include "common/sync_status/board.h"
#include "sluice/common/v1/sync_status.pb.h"

namespace sluice::controller_rpc {

grpc::ByteBuffer Serialize(const ::sluice::common::v1::WatchResponse& message);

// Thread-safe. Between its beginning and its end it is in one of three states: parked (the hub's
// threads ask what the caller may see, and own `scope_`), busy (a message is being written), or
// waiting for Advance() to find the next message.
class Watcher : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                public std::enable_shared_from_this<Watcher> {
 public:
  Watcher(WatchHub& hub, rpc::Caller caller, grpc::ByteBuffer request)
      : hub_(hub), caller_(std::move(caller)), request_(std::move(request)) {}

  // Writes the next message if there is one and nothing stands against it.
  void Advance();
  void End(const absl::Status& status);

  // What blocks; called by one of the hub's asking threads, while parked.
  void Ask(const Context& ctx);

  // Ends the watch with its token, and has its permissions looked at again now and then.
  void CheckTime(absl::Time now);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  using Place = std::pair<std::string, std::string>;  // kind and namespace

  // The call's first questions: who, what, and where to begin.
  absl::Status Begin(const Context& ctx);
  absl::Status AskAgain(const Context& ctx);

  // From now on everything that matches, then `synced`.
  void Restart();
  void Park(std::optional<Place> unknown) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // nullopt if there is none now. kUnavailable never: who has missed too much begins again.
  absl::StatusOr<std::optional<grpc::ByteBuffer>> NextMessage()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // The next objects of the snapshot; false if there are none.
  bool FillPage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // Whether the caller may see it; nullopt if that has to be asked first.
  std::optional<bool> Seen(const sync_status::ObjectRef& object)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<grpc::ByteBuffer> ForChange(const sync_status::Board::Update& update)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  grpc::ByteBuffer Synced(bool complete) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  enum class Phase { kSnapshot, kMissed, kLive };

  WatchHub& hub_;
  rpc::Caller caller_;        // until Begin()
  grpc::ByteBuffer request_;  // until Begin()
  Guard::Permit permit_;
  std::function<bool(const sync_status::SyncStatus&)> wanted_;
  bool comes_and_goes_ = false;
  std::optional<Scope> scope_;    // the asking threads' while parked, else guarded by mutex_
  absl::Time refresh_at_;         // as scope_
  std::optional<Place> unknown_;  // as scope_: what to ask about; nullopt: about everything
  absl::Mutex mutex_;
  bool parked_ ABSL_GUARDED_BY(mutex_) = true;
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  grpc::Status end_;          // set with ended_
  grpc::ByteBuffer message_;  // while busy_
  // Where it is; as scope_.
  Phase phase_ = Phase::kSnapshot;
  bool resumed_ = false;
  sync_status::Board::Cursor cursor_ = 0;
  std::deque<sync_status::StatusPtr> page_;
  std::optional<sync_status::ObjectRef> last_;
  absl::flat_hash_set<uint64_t> shown_;
};

}  // namespace sluice::controller_rpc
