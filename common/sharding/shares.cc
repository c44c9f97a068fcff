// SPDX-License-Identifier: Apache-2.0
#include "common/sharding/shares.h"

#include <algorithm>
#include <utility>

namespace sluice::sharding {

Share::Share(std::string self, std::vector<Replicas> sets) : self_(std::move(self)) {
  for (Replicas& set : sets) {
    if (std::find(sets_.begin(), sets_.end(), set) == sets_.end()) sets_.push_back(std::move(set));
  }
}

bool Share::Owns(absl::string_view kind, const kube::ObjectKey& object) const {
  return !sets_.empty() && std::all_of(sets_.begin(), sets_.end(), [&](const Replicas& set) {
    return set.Owns(self_, kind, object);
  });
}

std::unique_ptr<Shares::Claim> Shares::Begin(const Context& ctx, absl::string_view kind,
                                             const kube::ObjectKey& object) {
  absl::MutexLock lock(&mutex_);
  if (clock_.Now() >= until_ || !share_.Owns(kind, object)) return nullptr;
  const auto work = work_.insert(work_.end(), Work{std::string(kind), object, {}});
  return std::unique_ptr<Claim>(new Claim(*this, work, ctx.WithStopToken(work->stop.get_token())));
}

Shares::Claim::~Claim() {
  absl::MutexLock lock(&shares_.mutex_);
  shares_.work_.erase(work_);
}

void Shares::Set(Share share, absl::Time until) {
  Share before;
  {
    absl::MutexLock lock(&mutex_);
    until_ = until;
    if (share == share_) return;
    before = std::exchange(share_, share);
  }
  if (share == Share()) Outside(share, /*cancel=*/true);
  absl::MutexLock lock(&telling_);
  for (const auto& [who, tell] : on_change_) tell(before, share);
}

void Shares::Add(const void* who, OnChange on_change) {
  absl::MutexLock lock(&telling_);
  on_change_[who] = std::move(on_change);
}

void Shares::Remove(const void* who) {
  absl::MutexLock lock(&telling_);
  on_change_.erase(who);
}

void Shares::Extend(absl::Time until) {
  absl::MutexLock lock(&mutex_);
  until_ = until;
}

size_t Shares::Outside(const Share& share, bool cancel) {
  // Stopped without the lock: whoever listens to the token may be ending its claim.
  std::vector<std::stop_source> outside;
  {
    absl::MutexLock lock(&mutex_);
    for (const Work& work : work_) {
      if (!share.Owns(work.kind, work.object)) outside.push_back(work.stop);
    }
  }
  if (cancel) {
    for (std::stop_source& stop : outside) stop.request_stop();
  }
  return outside.size();
}

}  // namespace sluice::sharding
