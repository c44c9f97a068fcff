// SPDX-License-Identifier: Apache-2.0
#include "common/ssa/applied_memo.h"

#include "absl/strings/str_cat.h"
#include "common/crypto/digest.h"
#include "common/value/json.h"

namespace sluice::ssa {

AppliedMemo::Entry::Entry(absl::string_view actor, const ObjectId& id, const Value& desired)
    : key_(absl::StrCat(actor, " ", id.gvk.version, " ", id.ToString())),
      desired_(crypto::Digest(crypto::Algorithm::kSha256, value::FormatJson(desired))) {}

bool AppliedMemo::Holds(const Entry& entry, absl::string_view resource_version,
                        absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  const auto seen = seen_.find(entry.key_);
  return seen != seen_.end() && seen->second.digest == entry.desired_ &&
         seen->second.resource_version == resource_version && now - seen->second.when < lifetime_;
}

void AppliedMemo::Note(const Entry& entry, absl::string_view resource_version, absl::Time now) {
  if (resource_version.empty()) return;
  absl::MutexLock lock(&mutex_);
  if (seen_.size() >= capacity_ && !seen_.contains(entry.key_)) seen_.clear();
  seen_[entry.key_] = {entry.desired_, std::string(resource_version), now};
}

}  // namespace sluice::ssa
