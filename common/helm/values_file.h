// Values files: the defaults of a chart, and what users give with -f.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/helm/chart.h"
#include "common/value/value.h"

namespace sluice::helm {

// The table in a YAML text. All of its numbers are doubles, as with Helm. Helm 4 merges all
// documents, the later wins; Helm 3 takes the first. kInvalidArgument with Helm's words.
absl::StatusOr<Value> ParseValuesFile(absl::string_view text, Dialect dialect);

// `over` on top of `under`: tables are merged, anything else is replaced, by null too.
Value MergeTables(const Value& under, const Value& over);

// The same value with all whole numbers as doubles.
Value WithFloats(Value value);

}  // namespace sluice::helm
