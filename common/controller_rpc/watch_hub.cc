// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/watch_hub.h"

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/server_context.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"
#include "common/controller_rpc/sync_status_messages.h"
#include "common/crypto/random.h"
#include "common/rpc/caller.h"
#include "common/rpc/status_bridge.h"
#include "sluice/common/v1/sync_status.pb.h"

namespace sluice::controller_rpc {
namespace {

namespace v1 = ::sluice::common::v1;
using sync_status::Board;
using sync_status::StatusPtr;

constexpr size_t kSnapshotPage = 256;
constexpr size_t kKeptEncoded = 1024;
constexpr absl::Duration kTimeCheck = absl::Seconds(1);
constexpr absl::Duration kRefresh = absl::Minutes(1);
constexpr absl::Duration kLongestQuestion = absl::Seconds(30);
constexpr int kAskingThreads = 2;

grpc::ByteBuffer Serialize(const v1::WatchResponse& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

uint64_t HashOf(const sync_status::ObjectRef& object) {
  return absl::HashOf(object.kind, object.key.ns, object.key.name);
}

}  // namespace

// One call. Between its beginning and its end it is in one of three states: parked (the hub's
// threads ask what the caller may see, and own `scope_`), busy (a message is being written), or
// waiting for Advance() to find the next message.
class Watcher : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                public std::enable_shared_from_this<Watcher> {
 public:
  Watcher(WatchHub& hub, rpc::Caller caller, grpc::ByteBuffer request)
      : hub_(hub), caller_(std::move(caller)), request_(std::move(request)) {}

  // Writes the next message if there is one and nothing stands against it.
  void Advance() {
    absl::Status end;
    {
      const absl::MutexLock lock(&mutex_);
      if (parked_ || busy_ || ended_) return;
      absl::StatusOr<std::optional<grpc::ByteBuffer>> next = NextMessage();
      if (next.ok()) {
        if (!next->has_value()) return;
        message_ = **std::move(next);
        busy_ = true;
      } else {
        end = next.status();
      }
    }
    if (end.ok()) {
      StartWrite(&message_);
    } else {
      End(end);
    }
  }

  void End(const absl::Status& status) {
    {
      const absl::MutexLock lock(&mutex_);
      if (ended_) return;
      ended_ = true;
      end_ = rpc::ToGrpc(status);
      if (busy_) return;  // OnWriteDone() ends it
    }
    Finish(end_);
  }

  // What blocks; called by one of the hub's asking threads, while parked.
  void Ask(const Context& ctx) {
    const absl::Status status = scope_.has_value() ? AskAgain(ctx) : Begin(ctx);
    if (!status.ok()) {
      End(status);
      return;
    }
    {
      const absl::MutexLock lock(&mutex_);
      parked_ = false;
    }
    Advance();
  }

  // Ends the watch with its token, and has its permissions looked at again now and then.
  void CheckTime(absl::Time now) {
    bool ended = false;
    {
      const absl::MutexLock lock(&mutex_);
      if (parked_ || ended_ || scope_->session().trusted) return;
      ended = now >= scope_->session().expires;
      if (!ended && now < refresh_at_) return;
      if (!ended) Park(std::nullopt);
    }
    if (ended) End(absl::UnauthenticatedError("the bearer token has ended"));
  }

  void OnWriteDone(bool ok) override {
    bool finish = false;
    {
      const absl::MutexLock lock(&mutex_);
      busy_ = false;
      if (!ok && !ended_) {
        ended_ = true;
        end_ = grpc::Status::CANCELLED;
      }
      finish = ended_;
    }
    if (finish) {
      Finish(end_);
    } else {
      Advance();
    }
  }
  void OnCancel() override { End(absl::CancelledError("the caller is gone")); }
  void OnDone() override { hub_.Forget(this); }

 private:
  using Place = std::pair<std::string, std::string>;  // kind and namespace

  // The call's first questions: who, what, and where to begin.
  absl::Status Begin(const Context& ctx) {
    ASSIGN_OR_RETURN(Session session, hub_.guard_.Enter(ctx, caller_));
    caller_ = {};
    v1::WatchRequest request;
    grpc::ByteBuffer bytes;
    bytes.Swap(&request_);
    const grpc::Status parsed =
        grpc::SerializationTraits<v1::WatchRequest>::Deserialize(&bytes, &request);
    if (!parsed.ok()) return absl::InvalidArgumentError("the request is no WatchRequest");
    const v1::Selection& selection = request.selection();
    RETURN_IF_ERROR(hub_.check_kinds_({selection.kinds().begin(), selection.kinds().end()}));
    ASSIGN_OR_RETURN(wanted_, ToPredicate(selection));
    ASSIGN_OR_RETURN(permit_, hub_.guard_.OpenStream(session));
    // An object may leave and enter such a selection while it is there.
    comes_and_goes_ = selection.only_failing() || !selection.label_selector().empty();
    scope_.emplace(hub_.guard_, std::move(session), "watch");
    refresh_at_ = hub_.clock_.Now() + kRefresh;
    if (const std::optional<Board::Cursor> place = hub_.FromToken(request.resume_token())) {
      cursor_ = *place;
      resumed_ = true;
      phase_ = Phase::kMissed;
    } else {
      Restart();
    }
    return absl::OkStatus();
  }

  absl::Status AskAgain(const Context& ctx) {
    if (unknown_.has_value()) {
      RETURN_IF_ERROR(scope_->Includes(ctx, unknown_->first, unknown_->second).status());
      unknown_.reset();
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const bool changed, scope_->Refresh(ctx));
    refresh_at_ = hub_.clock_.Now() + kRefresh;
    const absl::MutexLock lock(&mutex_);
    if (changed) Restart();
    return absl::OkStatus();
  }

  // From now on everything that matches, then `synced`.
  void Restart() {
    cursor_ = hub_.board_.Now();
    phase_ = Phase::kSnapshot;
    resumed_ = false;
    page_.clear();
    last_.reset();
    shown_.clear();
  }

  void Park(std::optional<Place> unknown) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    parked_ = true;
    unknown_ = std::move(unknown);
    hub_.NeedsAnswer(shared_from_this());
  }

  // nullopt if there is none now. kUnavailable never: who has missed too much begins again.
  absl::StatusOr<std::optional<grpc::ByteBuffer>> NextMessage()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    while (true) {
      if (phase_ == Phase::kSnapshot) {
        if (page_.empty() && !FillPage()) return Synced(true);
        const StatusPtr status = page_.front();
        const std::optional<bool> seen = Seen(status->object);
        if (!seen.has_value()) return std::nullopt;
        page_.pop_front();
        if (!*seen) continue;
        if (comes_and_goes_) shown_.insert(HashOf(status->object));
        v1::WatchResponse message;
        *message.mutable_changed() = ToMessage(*status);
        return Serialize(message);
      }
      Board::Cursor next = cursor_;
      const absl::StatusOr<std::optional<Board::Update>> update = hub_.board_.TryNext(next);
      if (!update.ok()) {
        Restart();
        continue;
      }
      if (!update->has_value()) {
        if (phase_ == Phase::kLive) return std::nullopt;
        return Synced(false);
      }
      const std::optional<bool> seen = Seen((*update)->object);
      if (!seen.has_value()) return std::nullopt;
      cursor_ = next;
      if (!*seen) continue;
      if (std::optional<grpc::ByteBuffer> message = ForChange(**update)) return message;
    }
  }

  // The next objects of the snapshot; false if there are none.
  bool FillPage() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const std::vector<StatusPtr> found = hub_.board_.List(last_, kSnapshotPage, wanted_);
    if (found.empty()) return false;
    last_ = found.back()->object;
    page_.assign(found.begin(), found.end());
    return true;
  }

  // Whether the caller may see it; nullopt if that has to be asked first.
  std::optional<bool> Seen(const sync_status::ObjectRef& object)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const std::optional<bool> known = scope_->Known(object.kind, object.key.ns);
    if (!known.has_value()) Park(Place{object.kind, object.key.ns});
    return known;
  }

  std::optional<grpc::ByteBuffer> ForChange(const Board::Update& update)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const bool matches = update.status != nullptr && wanted_(*update.status);
    if (matches) {
      if (comes_and_goes_) shown_.insert(HashOf(update.object));
      return hub_.Encoded(update, /*removed=*/false, cursor_);
    }
    sync_status::SyncStatus name_only;
    name_only.object = update.object;
    // What was shown before a token was given is not known: it may have been.
    const bool told =
        comes_and_goes_ ? resumed_ || shown_.erase(HashOf(update.object)) > 0 : wanted_(name_only);
    if (!told) return std::nullopt;
    return hub_.Encoded(update, /*removed=*/true, cursor_);
  }

  grpc::ByteBuffer Synced(bool complete) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    phase_ = Phase::kLive;
    v1::WatchResponse message;
    message.mutable_synced()->set_complete(complete);
    for (const std::string& kind : hub_.board_.kinds()) message.mutable_synced()->add_kinds(kind);
    message.set_resume_token(hub_.Token(cursor_));
    return Serialize(message);
  }

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
  Board::Cursor cursor_ = 0;
  std::deque<StatusPtr> page_;
  std::optional<sync_status::ObjectRef> last_;
  absl::flat_hash_set<uint64_t> shown_;
};

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
