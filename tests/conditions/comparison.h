// What of a recorded and an observed scenario must be equal: condition types, statuses and reasons,
// observedGeneration, finalizers, labels, shapes of artifact, inventory and history, and which
// events there are. Messages are compared apart: they are to say the same, not to be the same.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::conditions {

// What in observed texts stands for the recording's masks.
struct Masks {
  std::string ns;
  std::string git_url;
};

// The objects of our kinds and the events of one namespace, in the recording's form: "objects" by
// "Kind/name" with generation, finalizers, labels and status, "events" with object, type, reason,
// message and annotations. Texts are masked.
Value ObservedForm(const std::vector<Value>& objects, const std::vector<Value>& events,
                   const Masks& masks);

// The differences of what must be equal, one a line, each with what was recorded and what is there;
// empty if there is none.
std::vector<std::string> Differences(const Value& recorded, const Value& observed);

// The same for the messages of conditions that both have.
std::vector<std::string> MessageDifferences(const Value& recorded, const Value& observed);

}  // namespace sluice::conditions
