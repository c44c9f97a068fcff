// What the statuses of all sources share (spec/source.md §1.3 to §1.8).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/api/meta/artifact.h"
#include "common/api/meta/condition.h"
#include "common/value/value.h"

namespace sluice::api {

struct SourceStatus {
  int64_t observed_generation = -1;
  Conditions conditions;
  std::optional<Artifact> artifact;
  std::string
      url;  // the stable link to the newest artifact; "" for a GitRepository, which has none
  std::string last_handled_reconcile_at;

  static SourceStatus Decode(const Value& status);
  // The fields above alone; those of the kind are added to it.
  Value Encode() const;
};

}  // namespace sluice::api
