// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/storage/store.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace sluice::devapi {
namespace {

constexpr size_t kBatch = 2048;  // events a watch takes at once

// How long a watch pauses after a delivery when it shares its storage with `watchers` others: each
// wake-up of each watcher costs a thread switch and a write, so many watchers under a flood of
// changes take them in batches. A single follower never waits.
absl::Duration Pace(size_t watchers) {
  if (watchers < 8) return absl::ZeroDuration();
  return std::min(absl::Milliseconds(10), absl::Microseconds(50) * static_cast<int64_t>(watchers));
}

}  // namespace

Store::Store(Clock& clock, WatchLogLimits limits) : clock_(clock), limits_(limits) {}

void Store::SetObserver(std::function<void(const Change&)> observer) {
  observer_ = std::move(observer);
}

uint64_t Store::version() const {
  absl::MutexLock lock(&mutex_);
  return version_;
}

Store::Shelf& Store::ShelfOf(absl::string_view storage) const {
  const auto found = shelves_.find(std::string(storage));
  if (found != shelves_.end()) return *found->second;
  auto shelf = std::make_unique<Shelf>(limits_);
  return *shelves_.emplace(std::string(storage), std::move(shelf)).first->second;
}

ObjectRef Store::Stamp(Value value) {
  ++version_;
  value.Ensure("metadata").Set("resourceVersion", absl::StrCat(version_));
  return std::make_shared<Object>(std::move(value), version_);
}

void Store::Commit(absl::string_view storage, Shelf& shelf, Event event) {
  if (observer_) observer_(Change{std::string(storage), event});
  shelf.log.Append(std::move(event));
  if (shelf.watchers > 0) shelf.changed.SignalAll();
}

ObjectRef Store::Find(absl::string_view storage, const ObjectKey& key) const {
  absl::MutexLock lock(&mutex_);
  const Shelf& shelf = ShelfOf(storage);
  const auto found = shelf.objects.find(key);
  return found == shelf.objects.end() ? nullptr : found->second;
}

absl::StatusOr<ObjectRef> Store::Create(absl::string_view storage, const ObjectKey& key,
                                        Value value) {
  absl::MutexLock lock(&mutex_);
  Shelf& shelf = ShelfOf(storage);
  const auto [slot, inserted] = shelf.objects.try_emplace(key);
  if (!inserted) return absl::AlreadyExistsError(key.name);
  slot->second = Stamp(std::move(value));
  Commit(storage, shelf, Event{EventType::kAdded, version_, slot->second, nullptr});
  return slot->second;
}

absl::StatusOr<ObjectRef> Store::Replace(absl::string_view storage, const ObjectKey& key,
                                         const ObjectRef& expected, Value value) {
  absl::MutexLock lock(&mutex_);
  Shelf& shelf = ShelfOf(storage);
  const auto slot = shelf.objects.find(key);
  if (slot == shelf.objects.end() || slot->second != expected) return absl::AbortedError(key.name);
  slot->second = Stamp(std::move(value));
  Commit(storage, shelf, Event{EventType::kModified, version_, slot->second, expected});
  return slot->second;
}

absl::StatusOr<ObjectRef> Store::Remove(absl::string_view storage, const ObjectKey& key,
                                        const ObjectRef& expected) {
  return Remove(storage, key, expected, expected->value());
}

absl::StatusOr<ObjectRef> Store::Remove(absl::string_view storage, const ObjectKey& key,
                                        const ObjectRef& expected, Value last) {
  absl::MutexLock lock(&mutex_);
  Shelf& shelf = ShelfOf(storage);
  const auto slot = shelf.objects.find(key);
  if (slot == shelf.objects.end() || slot->second != expected) return absl::AbortedError(key.name);
  shelf.objects.erase(slot);
  ObjectRef removed = Stamp(std::move(last));
  Commit(storage, shelf, Event{EventType::kDeleted, version_, removed, expected});
  return removed;
}

absl::Status Store::CheckFloor(const Shelf& shelf, uint64_t version) {
  if (version >= shelf.floor) return absl::OkStatus();
  return absl::OutOfRangeError(
      absl::StrCat("too old resource version: ", version, " (", shelf.floor, ")"));
}

std::vector<ObjectRef> Store::Select(const Shelf& shelf, absl::string_view ns) {
  std::vector<ObjectRef> result;
  if (ns.empty()) {
    result.reserve(shelf.objects.size());
    for (const auto& [key, object] : shelf.objects) result.push_back(object);
    return result;
  }
  const ObjectKey first{std::string(ns), ""};
  for (auto it = shelf.objects.lower_bound(first);
       it != shelf.objects.end() && it->first.ns == first.ns; ++it) {
    result.push_back(it->second);
  }
  return result;
}

Listing Store::List(absl::string_view storage, absl::string_view ns) const {
  absl::MutexLock lock(&mutex_);
  return {version_, Select(ShelfOf(storage), ns)};
}

absl::StatusOr<Listing> Store::ListAt(absl::string_view storage, absl::string_view ns,
                                      uint64_t version) const {
  absl::MutexLock lock(&mutex_);
  const Shelf& shelf = ShelfOf(storage);
  if (version > version_) {
    return absl::OutOfRangeError(absl::StrCat("resource version ", version, " is still to come"));
  }
  RETURN_IF_ERROR(CheckFloor(shelf, version));
  ASSIGN_OR_RETURN(std::vector<Event> events, shelf.log.Since(version, shelf.log.size()));
  // What the objects changed since then were at the time; null for those that did not exist.
  std::map<ObjectKey, ObjectRef> before;
  for (const Event& event : events) before.try_emplace(event.object->key(), event.previous);
  Listing listing{version, Select(shelf, ns)};
  if (before.empty()) return listing;
  std::erase_if(listing.objects,
                [&](const ObjectRef& object) { return before.contains(object->key()); });
  for (const auto& [key, object] : before) {
    if (object != nullptr && (ns.empty() || key.ns == ns)) listing.objects.push_back(object);
  }
  std::sort(listing.objects.begin(), listing.objects.end(),
            [](const ObjectRef& a, const ObjectRef& b) { return a->key() < b->key(); });
  return listing;
}

size_t Store::Count(absl::string_view storage) const {
  absl::MutexLock lock(&mutex_);
  return ShelfOf(storage).objects.size();
}

std::vector<std::string> Store::Storages() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> result;
  for (const auto& [name, shelf] : shelves_) {
    if (!shelf->objects.empty()) result.push_back(name);
  }
  return result;
}

void Store::DropWatches(absl::string_view storage) {
  absl::MutexLock lock(&mutex_);
  for (const auto& [name, shelf] : shelves_) {
    if (!storage.empty() && name != storage) continue;
    ++shelf->drops;
    shelf->changed.SignalAll();
  }
}

void Store::Compact(absl::string_view storage) {
  absl::MutexLock lock(&mutex_);
  // A version of its own makes every one handed out so far an old one. Watches that are up to date
  // go on.
  ++version_;
  for (const auto& [name, shelf] : shelves_) {
    if (!storage.empty() && name != storage) continue;
    shelf->log.Compact(shelf->log.last_version());
    shelf->floor = version_;
  }
}

Store::Watch::Watch(Store& store, std::string storage, uint64_t position)
    : store_(store), storage_(std::move(storage)), position_(position) {}

Store::Watch::~Watch() {
  absl::MutexLock lock(&store_.mutex_);
  --store_.ShelfOf(storage_).watchers;
}

absl::StatusOr<Store::Watch::Batch> Store::Watch::Next(const Context& ctx, absl::Time until) {
  absl::CondVar paused;
  Shelf* shelf = nullptr;
  {
    absl::MutexLock lock(&store_.mutex_);
    shelf = &store_.ShelfOf(storage_);
  }
  const auto cancellation = ctx.OnCancel([this, shelf, &paused] {
    absl::MutexLock lock(&store_.mutex_);
    shelf->changed.SignalAll();
    paused.SignalAll();
  });
  absl::MutexLock lock(&store_.mutex_);
  while (true) {
    RETURN_IF_ERROR(ctx.Check());
    if (shelf->drops != drops_) return absl::AbortedError("the watch was dropped");
    const absl::Time now = store_.clock_.Now();
    const bool pending = shelf->log.last_version() > position_;
    const absl::Time earliest = delivered_ + Pace(shelf->watchers);
    if (pending && now < earliest && now < until) {
      store_.clock_.WaitUntil(paused, store_.mutex_, std::min(earliest, until));
      continue;
    }
    if (pending || now >= until) {
      ASSIGN_OR_RETURN(std::vector<Event> events, shelf->log.Since(position_, kBatch));
      position_ = events.size() == kBatch ? events.back().version : store_.version_;
      delivered_ = now;
      return Batch{std::move(events), position_};
    }
    store_.clock_.WaitUntil(shelf->changed, store_.mutex_, until);
  }
}

std::pair<Listing, std::unique_ptr<Store::Watch>> Store::ListAndWatch(absl::string_view storage,
                                                                      absl::string_view ns) {
  absl::MutexLock lock(&mutex_);
  Shelf& shelf = ShelfOf(storage);
  ++shelf.watchers;
  auto watch = std::unique_ptr<Watch>(new Watch(*this, std::string(storage), version_));
  watch->drops_ = shelf.drops;
  return {Listing{version_, Select(shelf, ns)}, std::move(watch)};
}

absl::StatusOr<std::unique_ptr<Store::Watch>> Store::WatchFrom(absl::string_view storage,
                                                               uint64_t version) {
  absl::MutexLock lock(&mutex_);
  Shelf& shelf = ShelfOf(storage);
  RETURN_IF_ERROR(CheckFloor(shelf, version));
  RETURN_IF_ERROR(shelf.log.Since(version, 0).status());
  ++shelf.watchers;
  auto watch = std::unique_ptr<Watch>(new Watch(*this, std::string(storage), version));
  watch->drops_ = shelf.drops;
  return watch;
}

size_t Store::Watchers(absl::string_view storage) const {
  absl::MutexLock lock(&mutex_);
  return ShelfOf(storage).watchers;
}

}  // namespace sluice::devapi
