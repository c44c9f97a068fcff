// Drift: how the cluster differs from a release's manifest, and putting it right
// (spec/helm.md §2.15).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/base/context.h"
#include "common/helm_release/record.h"
#include "services/helm-controller/action/resource.h"
#include "services/helm-controller/helm_release/work.h"

namespace sluice::helm_controller {

struct DriftedObject {
  Resource desired;
  Value live;      // null: the object is gone
  Value expected;  // what applying `desired` would make of it
  Value patch;     // JSON patch from `live` to what it should be; null for one that is gone
};

struct Drift {
  absl::Status status;  // of objects that could not be compared; does not stop the others
  std::vector<DriftedObject> objects;

  bool empty() const { return objects.empty(); }
  // "Kind/ns/name removed" or "… changed (1 additions, 0 changes, 0 removals)", with the changes
  // below; values of Secrets are masked.
  std::string Lines() const;
};

// Compares all objects of the release's manifest that are not excluded.
Drift DetectDrift(const Context& ctx, Work& work, const helm_release::Record& record);

// Creates and patches what has drifted, and tells so in an event. Errors are told too, and the next
// look finds what is left.
void CorrectDrift(const Context& ctx, Work& work, const Drift& drift);

}  // namespace sluice::helm_controller
