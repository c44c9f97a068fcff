// What an evaluation costs at run time, as Kubernetes 1.34 counts it: by size of the arguments, in
// units of about one simple operation.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "absl/strings/string_view.h"
#include "common/cel/value.h"

namespace sluice::cel {

inline constexpr uint64_t kListCost = 10;
inline constexpr uint64_t kMapCost = 30;

// The cost of a call beside that of its arguments.
using CostRule = uint64_t (*)(std::span<const Value> args, const Value& result);

// The rule for calls of `function`; `overload` is the id that the checker found, "" if it found
// several or did not run.
CostRule FindCostRule(absl::string_view function, absl::string_view overload);

uint64_t EqualityCost(const Value& a, const Value& b);

// Characters of a string, bytes, elements, entries; else 1.
uint64_t CostSize(const Value& value);

}  // namespace sluice::cel
