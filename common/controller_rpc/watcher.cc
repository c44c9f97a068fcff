// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/watcher.h"

#include <grpcpp/impl/codegen/proto_utils.h>

#include "absl/hash/hash.h"
#include "common/base/status_macros.h"
#include "common/controller_rpc/sync_status_messages.h"
#include "common/rpc/status_bridge.h"

namespace sluice::controller_rpc {
namespace {

namespace v1 = ::sluice::common::v1;
using sync_status::Board;
using sync_status::StatusPtr;

constexpr size_t kSnapshotPage = 256;
constexpr absl::Duration kRefresh = absl::Minutes(1);

uint64_t HashOf(const sync_status::ObjectRef& object) {
  return absl::HashOf(object.kind, object.key.ns, object.key.name);
}

}  // namespace

grpc::ByteBuffer Serialize(const v1::WatchResponse& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

void Watcher::Advance() {
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

void Watcher::End(const absl::Status& status) {
  {
    const absl::MutexLock lock(&mutex_);
    if (ended_) return;
    ended_ = true;
    end_ = rpc::ToGrpc(status);
    if (busy_) return;  // OnWriteDone() ends it
  }
  Finish(end_);
}

void Watcher::Ask(const Context& ctx) {
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

void Watcher::CheckTime(absl::Time now) {
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

void Watcher::OnWriteDone(bool ok) {
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

void Watcher::OnCancel() { End(absl::CancelledError("the caller is gone")); }

void Watcher::OnDone() { hub_.Forget(this); }

absl::Status Watcher::Begin(const Context& ctx) {
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

absl::Status Watcher::AskAgain(const Context& ctx) {
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

void Watcher::Restart() {
  cursor_ = hub_.board_.Now();
  phase_ = Phase::kSnapshot;
  resumed_ = false;
  page_.clear();
  last_.reset();
  shown_.clear();
}

void Watcher::Park(std::optional<Place> unknown) {
  parked_ = true;
  unknown_ = std::move(unknown);
  hub_.NeedsAnswer(shared_from_this());
}

absl::StatusOr<std::optional<grpc::ByteBuffer>> Watcher::NextMessage() {
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

bool Watcher::FillPage() {
  const std::vector<StatusPtr> found = hub_.board_.List(last_, kSnapshotPage, wanted_);
  if (found.empty()) return false;
  last_ = found.back()->object;
  page_.assign(found.begin(), found.end());
  return true;
}

std::optional<bool> Watcher::Seen(const sync_status::ObjectRef& object) {
  const std::optional<bool> known = scope_->Known(object.kind, object.key.ns);
  if (!known.has_value()) Park(Place{object.kind, object.key.ns});
  return known;
}

std::optional<grpc::ByteBuffer> Watcher::ForChange(const Board::Update& update) {
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

grpc::ByteBuffer Watcher::Synced(bool complete) {
  phase_ = Phase::kLive;
  v1::WatchResponse message;
  message.mutable_synced()->set_complete(complete);
  for (const std::string& kind : hub_.board_.kinds()) message.mutable_synced()->add_kinds(kind);
  message.set_resume_token(hub_.Token(cursor_));
  return Serialize(message);
}

}  // namespace sluice::controller_rpc
