// Checking values against the charts' values.schema.json.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "common/helm/engine.h"
#include "common/helm/instance.h"
#include "common/helm/tables.h"

namespace sluice::helm {

// kInvalidArgument, "values don't meet the specifications of the schema(s) in the following
// chart(s):" and the findings of each chart, the parent's first. A dependency without values is not
// checked. OK if options.skip_schema.
absl::Status CheckSchemas(const Instance& instance, const TablePointer& values,
                          const RenderOptions& options);

}  // namespace sluice::helm
