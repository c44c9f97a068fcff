// SPDX-License-Identifier: Apache-2.0
#include "common/artifact/hub.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace sluice::artifact {
namespace {

bool MatchesAny(const std::vector<std::string>& wanted, const std::string& text) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), text) != wanted.end();
}

}  // namespace

bool Filter::Matches(const api::SourceReference& source) const {
  return MatchesAny(kinds, source.kind) && MatchesAny(namespaces, source.key.ns);
}

Hub::Hub(std::string epoch, size_t log_size) : epoch_(std::move(epoch)), log_size_(log_size) {}

std::string Hub::Token(uint64_t sequence) const { return absl::StrCat(epoch_, "/", sequence); }

void Hub::Append(Event event) {
  event.resume_token = Token(first_ + log_.size());
  log_.push_back(std::move(event));
  if (log_.size() > log_size_) {
    log_.pop_front();
    ++first_;
  }
  published_.SignalAll();
}

void Hub::Publish(Publication publication) {
  absl::MutexLock lock(&mutex_);
  const auto it = known_.find(publication.source);
  if (it != known_.end() && it->second.uid == publication.uid &&
      it->second.artifact.revision == publication.artifact.revision &&
      it->second.artifact.digest == publication.artifact.digest &&
      it->second.artifact.url == publication.artifact.url) {
    return;
  }
  known_[publication.source] = publication;
  Event event;
  event.type = EventType::kUpdated;
  event.publication = std::move(publication);
  Append(std::move(event));
}

void Hub::Remove(const api::SourceReference& source) {
  absl::MutexLock lock(&mutex_);
  const auto it = known_.find(source);
  if (it == known_.end()) return;
  Event event;
  event.type = EventType::kDeleted;
  event.publication = std::move(it->second);
  event.publication.artifact = {};
  known_.erase(it);
  Append(std::move(event));
}

std::optional<uint64_t> Hub::ResumeFrom(absl::string_view token) const {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(token, '/');
  uint64_t sequence = 0;
  if (parts.first != epoch_ || !absl::SimpleAtoi(parts.second, &sequence)) return std::nullopt;
  const uint64_t next = sequence + 1;
  if (next < first_ || next > first_ + log_.size()) return std::nullopt;
  return next;
}

std::unique_ptr<Hub::Subscription> Hub::Subscribe(Filter filter, absl::string_view resume_token) {
  auto subscription = std::unique_ptr<Subscription>(new Subscription(*this, std::move(filter)));
  absl::MutexLock lock(&mutex_);
  const uint64_t end = first_ + log_.size();
  const std::string now = Token(end - 1);
  Event synced;
  synced.type = EventType::kSynced;
  synced.resume_token = now;
  if (const auto from = ResumeFrom(resume_token)) {
    for (uint64_t i = *from; i < end; ++i) {
      const Event& event = log_[i - first_];
      if (subscription->filter_.Matches(event.publication.source)) {
        subscription->initial_.push_back(event);
      }
    }
  } else {
    synced.complete = true;
    for (const auto& [source, publication] : known_) {
      if (!subscription->filter_.Matches(source)) continue;
      Event event;  // without token: only the whole snapshot can be resumed after
      event.type = EventType::kSnapshot;
      event.publication = publication;
      subscription->initial_.push_back(std::move(event));
    }
  }
  subscription->initial_.push_back(std::move(synced));
  subscription->next_ = end;
  return subscription;
}

absl::StatusOr<Event> Hub::Subscription::Next(const Context& ctx) {
  if (!initial_.empty()) {
    Event event = std::move(initial_.front());
    initial_.pop_front();
    return event;
  }
  const auto on_cancel = ctx.OnCancel([this] {
    absl::MutexLock lock(&hub_.mutex_);
    hub_.published_.SignalAll();
  });
  absl::MutexLock lock(&hub_.mutex_);
  while (true) {
    RETURN_IF_ERROR(ctx.Check());
    if (next_ < hub_.first_) {
      Event resync;
      resync.type = EventType::kResync;
      return resync;
    }
    while (next_ < hub_.first_ + hub_.log_.size()) {
      const Event& event = hub_.log_[next_++ - hub_.first_];
      if (filter_.Matches(event.publication.source)) return event;
    }
    hub_.published_.WaitWithTimeout(&hub_.mutex_, ctx.remaining());
  }
}

}  // namespace sluice::artifact
