// The fields in which two objects differ. Elements of lists are known by their key where they have
// one, so that a container that moved is no change of two:
//
//   spec.template.spec.containers[name=web].image

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "common/value/value.h"

namespace sluice::plan {

struct FieldChange {
  std::string path;
  Value before;  // null: it was not there
  Value after;   // null: it is gone

  friend bool operator==(const FieldChange&, const FieldChange&) = default;
};

// In the order of the fields' names; of lists in theirs.
std::vector<FieldChange> DiffFields(const Value& before, const Value& after);

}  // namespace sluice::plan
