// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/applied_memo.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"

namespace sluice::ssa {
namespace {

// Another version of a kind may be applied to another result.
std::string KeyOf(const ObjectId& id) { return absl::StrCat(id.gvk.version, " ", id.ToString()); }

}  // namespace

bool AppliedMemo::IsAheadLocked(const Seen& seen, const std::optional<LiveFacts>& facts) const {
  return !facts.has_value() || facts->resource_version < seen.resource_version;
}

bool AppliedMemo::Holds(const ObjectId& id, const Fingerprint& desired, const LiveFacts& live,
                        absl::Time now) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto seen = seen_.find(KeyOf(id));
  return seen != seen_.end() && seen->second.desired == desired &&
         seen->second.live == live.content && now - seen->second.when < lifetime_;
}

bool AppliedMemo::IsAheadOf(const ObjectId& id, const std::optional<LiveFacts>& seen) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto noted = seen_.find(KeyOf(id));
  return noted != seen_.end() && IsAheadLocked(noted->second, seen);
}

void AppliedMemo::Note(const ObjectId& id, const kube::Resource& resource,
                       const Fingerprint& desired, const LiveFacts& live, absl::Time now) {
  if (live.resource_version == 0) return;
  absl::MutexLock lock(&mutex_);
  seen_.insert_or_assign(KeyOf(id),
                         Seen{resource, desired, live.content, live.resource_version, now});
}

void AppliedMemo::Complete(const ChangeSet& changes) {
  absl::flat_hash_set<std::string> keys;
  for (const Change& change : changes) keys.insert(KeyOf(change.id));
  const bool all_noted = std::none_of(changes.begin(), changes.end(), [](const Change& change) {
    return change.action == Action::kSkipped;
  });
  absl::MutexLock lock(&mutex_);
  absl::erase_if(seen_, [&](const auto& entry) { return !keys.contains(entry.first); });
  complete_.reset();
  if (all_noted && seen_.size() == keys.size()) complete_ = InventoryOf(changes);
}

std::optional<ChangeSet> AppliedMemo::Confirm(LiveView& view, absl::Time now) const {
  absl::ReaderMutexLock lock(&mutex_);
  if (!complete_.has_value()) return std::nullopt;
  ChangeSet changes;
  for (const ObjectId& id : *complete_) {
    const auto seen = seen_.find(KeyOf(id));
    if (seen == seen_.end() || now - seen->second.when >= lifetime_) return std::nullopt;
    const LiveView::Sight sight = view.Find(seen->second.resource, id.key);
    if (!sight.known || IsAheadLocked(seen->second, sight.facts) ||
        sight.facts->content != seen->second.live) {
      return std::nullopt;
    }
    changes.push_back({id, Action::kUnchanged});
  }
  return changes;
}

bool AppliedMemo::Contradicts(const kube::Resource& resource, const kube::ObjectKey& key,
                              const std::optional<LiveFacts>& now) const {
  absl::ReaderMutexLock lock(&mutex_);
  const auto seen = seen_.find(KeyOf({key, resource.gvk()}));
  if (seen == seen_.end()) return false;
  if (!now.has_value()) return true;
  return now->resource_version > seen->second.resource_version && now->content != seen->second.live;
}

}  // namespace sluice::ssa
