// Why an applied object that is not ours is not as it should be: a Deployment, a Job, a claim.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/kube/object.h"
#include "common/value/value.h"

namespace sluice::explain {

struct Ailment {
  std::string cause;    // an id of causes.h
  std::string summary;  // what is to be seen
  kube::ObjectPtr pod;  // the Pod it is seen at, nullptr if at the object itself
};

// The labels of the Pods that `object` makes, null if it makes none.
Value PodLabels(const Value& object);

// What `object`, which kstatus holds for in progress or failed, and its Pods show. Always
// something: "not-healthy" with what its conditions say, if nothing better is known.
Ailment AilmentOf(const Value& object, const std::vector<kube::ObjectPtr>& pods);

}  // namespace sluice::explain
