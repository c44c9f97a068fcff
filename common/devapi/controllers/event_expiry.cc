// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/controllers/event_expiry.h"

#include <deque>

namespace sluice::devapi {
namespace {

constexpr char kStorage[] = "events";

class Expiry : public Controller {
 public:
  Expiry(Cluster& cluster, size_t max_events) : cluster_(cluster), max_events_(max_events) {}

  void Observe(const Change& change) override {
    if (change.storage != kStorage || change.event.type == EventType::kDeleted) return;
    // Writing an event again starts its time anew, as a lease in etcd would.
    written_.push_back({change.event.object, cluster_.clock().Now()});
  }

  absl::Time Run(const Context&) override {
    const absl::Time oldest = cluster_.clock().Now() - cluster_.options().event_ttl;
    while (!written_.empty()) {
      const Entry& entry = written_.front();
      const bool expired = entry.at <= oldest;
      if (!expired && cluster_.store().Count(kStorage) <= max_events_ &&
          written_.size() <= 2 * max_events_) {
        return entry.at + cluster_.options().event_ttl;
      }
      // Only if it has not been written since.
      (void)cluster_.store().Remove(kStorage, entry.object->key(), entry.object);
      written_.pop_front();
    }
    return absl::InfiniteFuture();
  }

 private:
  struct Entry {
    ObjectRef object;
    absl::Time at;
  };

  Cluster& cluster_;
  const size_t max_events_;
  std::deque<Entry> written_;
};

}  // namespace

std::unique_ptr<Controller> EventExpiry(Cluster& cluster, size_t max_events) {
  return std::make_unique<Expiry>(cluster, max_events);
}

}  // namespace sluice::devapi
