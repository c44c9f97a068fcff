// SPDX-License-Identifier: Apache-2.0
#include "common/sync_status/board.h"

#include "common/base/status_macros.h"

namespace sluice::sync_status {

void Board::Follow(runtime::Informer& informer) {
  Show(informer.resource());
  const std::string kind = informer.resource().kind;
  informer.AddHandler([this, kind](const runtime::Change& change) {
    if (change.after != nullptr) {
      Put(StatusOf(*change.after));
    } else {
      Remove({kind, kube::KeyOf(*change.before)});
    }
  });
}

const kube::Resource* Board::FindKind(absl::string_view kind) const {
  const absl::MutexLock lock(&mutex_);
  const auto found = kinds_.find(std::string(kind));
  return found == kinds_.end() ? nullptr : &found->second;
}

void Board::Show(const kube::Resource& kind) {
  const absl::MutexLock lock(&mutex_);
  kinds_.emplace(kind.kind, kind);
}

std::vector<std::string> Board::kinds() const {
  const absl::MutexLock lock(&mutex_);
  std::vector<std::string> names;
  for (const auto& [name, resource] : kinds_) names.push_back(name);
  return names;
}

void Board::Touch(const ObjectRef& object, StatusPtr status) {
  Entry& entry = entries_[object];
  if (entry.changed != 0) by_change_.erase(entry.changed);
  const bool was_tombstone = entry.changed != 0 && entry.status == nullptr;
  tombstones_ += (status == nullptr ? 1 : 0);
  tombstones_ -= (was_tombstone ? 1 : 0);
  entry = {std::move(status), ++last_};
  by_change_.emplace(last_, object);
  for (auto it = by_change_.begin(); tombstones_ > kMaxTombstones && it != by_change_.end();) {
    const auto found = entries_.find(it->second);
    if (found->second.status != nullptr) {
      ++it;
      continue;
    }
    forgotten_ = it->first;
    entries_.erase(found);
    it = by_change_.erase(it);
    --tombstones_;
  }
  changed_.SignalAll();
}

void Board::Put(SyncStatus status) {
  const ObjectRef object = status.object;
  auto shared = std::make_shared<const SyncStatus>(std::move(status));
  absl::MutexLock lock(&mutex_);
  Touch(object, std::move(shared));
}

void Board::Remove(const ObjectRef& object) {
  absl::MutexLock lock(&mutex_);
  if (entries_.contains(object)) Touch(object, nullptr);
}

StatusPtr Board::Find(const ObjectRef& object) const {
  absl::MutexLock lock(&mutex_);
  const auto it = entries_.find(object);
  return it == entries_.end() ? nullptr : it->second.status;
}

std::vector<StatusPtr> Board::List(const std::optional<ObjectRef>& after, size_t limit,
                                   const std::function<bool(const SyncStatus&)>& wanted) const {
  std::vector<StatusPtr> result;
  absl::MutexLock lock(&mutex_);
  auto it = after.has_value() ? entries_.upper_bound(*after) : entries_.begin();
  for (; it != entries_.end() && result.size() < limit; ++it) {
    const StatusPtr& status = it->second.status;
    if (status != nullptr && wanted(*status)) result.push_back(status);
  }
  return result;
}

Board::Cursor Board::Now() const {
  absl::MutexLock lock(&mutex_);
  return last_;
}

absl::StatusOr<std::optional<Board::Update>> Board::After(Cursor& cursor) const {
  if (cursor < forgotten_) {
    return absl::UnavailableError("too many changes were missed; watch again");
  }
  const auto it = by_change_.upper_bound(cursor);
  if (it == by_change_.end()) return std::nullopt;
  cursor = it->first;
  return Update{it->second, entries_.find(it->second)->second.status};
}

absl::StatusOr<std::optional<Board::Update>> Board::TryNext(Cursor& cursor) const {
  const absl::MutexLock lock(&mutex_);
  return After(cursor);
}

absl::StatusOr<Board::Update> Board::Next(const Context& ctx, Cursor& cursor) {
  const auto on_cancel = ctx.OnCancel([this] {
    absl::MutexLock lock(&mutex_);
    changed_.SignalAll();
  });
  absl::MutexLock lock(&mutex_);
  while (true) {
    RETURN_IF_ERROR(ctx.Check());
    ASSIGN_OR_RETURN(std::optional<Update> update, After(cursor));
    if (update.has_value()) return *std::move(update);
    changed_.WaitWithTimeout(&mutex_, ctx.remaining());
  }
}

}  // namespace sluice::sync_status
