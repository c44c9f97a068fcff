// The elements of associative lists, for the walks in typed_*.cc.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "common/devapi/ownership/field_set.h"
#include "common/devapi/schema/schema.h"
#include "common/value/value.h"

namespace sluice::devapi {

// How `item` is known in a list of `list`: by its keys, absent ones taken from their defaults, or
// by its value. kInvalidArgument if it has neither.
absl::StatusOr<PathElement> ElementOf(const Schema& list, const Value& item);

// The errors of a walk, "path: message" each, joined as the reference joins them.
class TypedErrors {
 public:
  void Add(const Path& path, const std::string& message);
  absl::Status status() const;

 private:
  std::vector<std::string> texts_;
};

}  // namespace sluice::devapi
