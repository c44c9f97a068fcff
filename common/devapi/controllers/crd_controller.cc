// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/controllers/crd_controller.h"

#include <set>
#include <string>
#include <utility>

#include "common/devapi/kinds/crds.h"
#include "common/log/log.h"

namespace sluice::devapi {
namespace {

class Crds : public Controller {
 public:
  explicit Crds(Cluster& cluster) : cluster_(cluster) {}

  void Observe(const Change& change) override {
    if (change.storage == kCrdStorage) {
      const std::string name(change.event.object->name());
      due_.insert(name);
      const bool going =
          change.event.type != EventType::kDeleted && change.event.object->deleting();
      if (going) terminating_.insert(name);
      if (change.event.type == EventType::kDeleted) terminating_.erase(name);
    } else if (terminating_.contains(change.storage)) {
      // A custom resource is stored under the name of its definition.
      due_.insert(change.storage);
    }
  }

  absl::Time Run(const Context&) override {
    for (const std::string& name : std::exchange(due_, {})) {
      const absl::Status status = SyncCrd(cluster_, name);
      if (!status.ok() && !absl::IsNotFound(status) && !absl::IsAborted(status)) {
        log::Error(Context::Background(), status, "cannot establish a custom resource definition",
                   {{"name", name}});
      }
    }
    return absl::InfiniteFuture();
  }

 private:
  Cluster& cluster_;
  std::set<std::string> due_;
  std::set<std::string> terminating_;
};

}  // namespace

std::unique_ptr<Controller> CrdController(Cluster& cluster) {
  return std::make_unique<Crds>(cluster);
}

}  // namespace sluice::devapi
