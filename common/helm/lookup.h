// Lookup: how `lookup` in templates reaches the cluster.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/value/value.h"

namespace sluice::helm {

class Lookup {
 public:
  virtual ~Lookup() = default;

  // The object, or a list of the objects if `name` is empty; an empty object if there is none of
  // that name. `namespace_name` does not matter where the kind has no namespaces. An error ends the
  // rendering. Called from the thread that renders.
  virtual absl::StatusOr<Value> Find(absl::string_view api_version, absl::string_view kind,
                                     absl::string_view namespace_name, absl::string_view name) = 0;
};

}  // namespace sluice::helm
