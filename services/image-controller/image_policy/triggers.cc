// SPDX-License-Identifier: Apache-2.0
#include "services/image-controller/image_policy/triggers.h"

#include "common/api/image/image_policy.h"
#include "common/kube/object.h"

namespace sluice::image_controller {
namespace {

bool TagsMayDiffer(const runtime::Change& change) {
  if (change.before == nullptr || change.after == nullptr) return true;
  const Value& before = (*change.before)["status"]["lastScanResult"];
  const Value& after = (*change.after)["status"]["lastScanResult"];
  if (!after.is_object()) return false;
  return !before.is_object() || before["revision"] != after["revision"];
}

}  // namespace

PolicyTriggers::PolicyTriggers(runtime::Informer& policies, runtime::Controller& controller,
                               runtime::Informer& repositories)
    : controller_(controller) {
  policies.AddHandler([this](const runtime::Change& change) {
    const kube::ObjectKey key = kube::KeyOf(change.object());
    if (change.after == nullptr) {
      index_.Remove(key);
    } else {
      index_.Set(key, {api::ImageRepositoryOf(*change.after).ToString()});
    }
  });
  repositories.AddHandler([this](const runtime::Change& change) {
    if (!TagsMayDiffer(change)) return;
    for (const kube::ObjectKey& policy :
         index_.ReferrersOf(kube::KeyOf(change.object()).ToString())) {
      controller_.Wake(policy);
    }
  });
}

}  // namespace sluice::image_controller
