// How deep YAML may nest, and what aliases may expand to.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "common/value/json.h"

namespace sluice::value {

static_assert(kMaxDepth == 500);
inline constexpr const char* kYamlTooDeep = "exceeded max depth of 500";

// go-yaml's bound, the same in both generations. Counts decoded nodes. Small documents may be
// nearly all expansion, large ones a tenth.
class AliasExpansion {
 public:
  // One more node, inside `alias_depth` aliases. kInvalidArgument beyond the bound.
  absl::Status Count(size_t alias_depth) { return Count(1, alias_depth > 0 ? 1 : 0); }

  // `nodes` more nodes, `expanded` of them because of an alias.
  absl::Status Count(size_t nodes, size_t expanded) {
    nodes_ += nodes;
    expanded_ += expanded;
    if (expanded_ <= 100 || nodes_ <= 1000) return absl::OkStatus();
    if (static_cast<double>(expanded_) / static_cast<double>(nodes_) <= Allowed()) {
      return absl::OkStatus();
    }
    return absl::InvalidArgumentError("yaml: document contains excessive aliasing");
  }

  size_t nodes() const { return nodes_; }

 private:
  // 0.99 up to 400,000 nodes, falling evenly to 0.10 at 4,000,000.
  double Allowed() const {
    constexpr double kLow = 400'000;
    constexpr double kHigh = 4'000'000;
    const double position = (static_cast<double>(nodes_) - kLow) / (kHigh - kLow);
    return 0.99 - 0.89 * std::clamp(position, 0.0, 1.0);
  }

  size_t nodes_ = 0;
  size_t expanded_ = 0;
};

}  // namespace sluice::value
