// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/object_count.h"

#include <set>
#include <utility>

#include "common/base/clock.h"

namespace sluice::e2e {

ObjectCount::ObjectCount(kube::Client& client, const kube::Resource& resource,
                         const std::string& ns)
    : informer_(client, resource, {.ns = ns, .label_selector = "", .field_selector = ""},
                RealClock()) {
  informer_.AddHandler([this](const runtime::Change& change) {
    absl::MutexLock lock(&mutex_);
    changes_.push_back(change);
  });
  informer_.Start(Context::Background());
}

int ObjectCount::Await(const std::function<bool(const Value& object)>& done, int wanted,
                       absl::Duration limit) {
  const absl::Time deadline = RealClock().Now() + limit;
  std::set<kube::ObjectKey> those;
  for (const kube::ObjectPtr& object : informer_.store().List()) {
    if (done(*object)) those.insert(kube::KeyOf(*object));
  }
  while (static_cast<int>(those.size()) < wanted) {
    std::vector<runtime::Change> changes;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithDeadline(
          absl::Condition(
              +[](std::vector<runtime::Change>* seen) { return !seen->empty(); }, &changes_),
          deadline);
      changes = std::exchange(changes_, {});
    }
    if (changes.empty()) break;
    for (const runtime::Change& change : changes) {
      const kube::ObjectKey key = kube::KeyOf(change.object());
      if (change.after != nullptr && done(*change.after)) {
        those.insert(key);
      } else {
        those.erase(key);
      }
    }
  }
  return static_cast<int>(those.size());
}

}  // namespace sluice::e2e
