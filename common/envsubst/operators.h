// What the operators of a substitution make of a value.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::envsubst {

// What Options allows, less what is used up.
struct Budget {
  size_t max_bytes;
  uint64_t work_left;

  // kResourceExhausted if `amount` is more than there is left.
  absl::Status Spend(uint64_t amount);
};

// Whether the operator gives a default for an absent value.
bool GivesDefault(absl::string_view op);

// `value` under `op` (parser.h) with its arguments.
absl::StatusOr<std::string> Apply(absl::string_view op, absl::string_view value,
                                  const std::vector<std::string>& arguments, Budget& budget);

}  // namespace sluice::envsubst
