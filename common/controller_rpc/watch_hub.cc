// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/watch_hub.h"

#include <grpcpp/server_context.h>

#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/controller_rpc/sync_status_messages.h"
#include "common/controller_rpc/watcher.h"
#include "common/crypto/random.h"
#include "common/rpc/caller.h"
#include "sluice/common/v1/sync_status.pb.h"

namespace sluice::controller_rpc {
namespace {

namespace v1 = ::sluice::common::v1;
using sync_status::Board;

constexpr size_t kKeptEncoded = 1024;
constexpr absl::Duration kTimeCheck = absl::Seconds(1);
constexpr absl::Duration kLongestQuestion = absl::Seconds(30);
constexpr int kAskingThreads = 2;

}  // namespace

WatchHub::WatchHub(Board& board, Guard& guard, Clock& clock, rpc::RunningCalls& calls,
                   CheckKinds check_kinds)
    : board_(board),
      guard_(guard),
      clock_(clock),
      calls_(calls),
      check_kinds_(std::move(check_kinds)),
      epoch_(crypto::RandomHex(8)) {
  threads_.emplace_back([this] { Pump(); });
  for (int i = 0; i < kAskingThreads; ++i) threads_.emplace_back([this] { Ask(); });
}

WatchHub::~WatchHub() { calls_.CancelAll(); }

grpc::ServerWriteReactor<grpc::ByteBuffer>* WatchHub::Watch(grpc::CallbackServerContext* call,
                                                            const grpc::ByteBuffer* request) {
  auto watcher = std::make_shared<Watcher>(*this, rpc::CallerOf(*call), *request);
  Watcher* const reactor = watcher.get();
  bool ending = false;
  {
    const absl::MutexLock lock(&mutex_);
    watchers_.emplace(reactor, watcher);
    ending = ending_;
  }
  if (ending) {
    watcher->End(absl::UnavailableError("the server is shutting down"));
  } else {
    NeedsAnswer(std::move(watcher));
  }
  return reactor;
}

void WatchHub::Pump() {
  Board::Cursor cursor = board_.Now();
  absl::Time next_check = clock_.Now() + kTimeCheck;
  while (!calls_.ctx().cancelled()) {
    // Ends early with a change, which is all that matters of it.
    board_.Next(calls_.ctx().WithTimeout(kTimeCheck), cursor).status().IgnoreError();
    cursor = board_.Now();
    const std::vector<std::shared_ptr<Watcher>> all = All();
    for (const auto& watcher : all) watcher->Advance();
    const absl::Time now = clock_.Now();
    if (now < next_check) continue;
    next_check = now + kTimeCheck;
    for (const auto& watcher : all) watcher->CheckTime(now);
  }
  {
    const absl::MutexLock lock(&mutex_);
    ending_ = true;
    asked_.SignalAll();
  }
  for (const auto& watcher : All()) {
    watcher->End(absl::UnavailableError("the server is shutting down"));
  }
}

void WatchHub::Ask() {
  while (true) {
    std::shared_ptr<Watcher> watcher;
    {
      const absl::MutexLock lock(&mutex_);
      while (questions_.empty() && !ending_) asked_.Wait(&mutex_);
      if (ending_) return;
      watcher = std::move(questions_.front());
      questions_.pop_front();
    }
    watcher->Ask(calls_.ctx().WithTimeout(kLongestQuestion));
  }
}

void WatchHub::NeedsAnswer(std::shared_ptr<Watcher> watcher) {
  const absl::MutexLock lock(&mutex_);
  questions_.push_back(std::move(watcher));
  asked_.Signal();
}

void WatchHub::Forget(const Watcher* watcher) {
  std::shared_ptr<Watcher> last;  // destroyed without the lock
  const absl::MutexLock lock(&mutex_);
  const auto found = watchers_.find(watcher);
  last = std::move(found->second);
  watchers_.erase(found);
}

std::vector<std::shared_ptr<Watcher>> WatchHub::All() {
  const absl::MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<Watcher>> all;
  all.reserve(watchers_.size());
  for (const auto& [key, watcher] : watchers_) all.push_back(watcher);
  return all;
}

std::string WatchHub::Token(Board::Cursor cursor) const {
  return absl::StrCat(epoch_, ".", cursor);
}

std::optional<Board::Cursor> WatchHub::FromToken(const std::string& token) const {
  const std::vector<absl::string_view> parts = absl::StrSplit(token, '.');
  Board::Cursor cursor = 0;
  if (parts.size() != 2 || parts[0] != epoch_ || !absl::SimpleAtoi(parts[1], &cursor) ||
      cursor > board_.Now()) {
    return std::nullopt;
  }
  return cursor;
}

grpc::ByteBuffer WatchHub::Encoded(const Board::Update& update, bool removed,
                                   Board::Cursor cursor) {
  const absl::MutexLock lock(&encoded_mutex_);
  const auto found = encoded_.find({cursor, removed});
  if (found != encoded_.end()) return found->second;
  v1::WatchResponse message;
  if (removed) {
    *message.mutable_removed() = ToMessage(update.object);
  } else {
    *message.mutable_changed() = ToMessage(*update.status);
  }
  message.set_resume_token(Token(cursor));
  if (encoded_.size() >= kKeptEncoded) encoded_.erase(encoded_.begin());
  return encoded_.emplace(std::make_pair(cursor, removed), Serialize(message)).first->second;
}

}  // namespace sluice::controller_rpc
