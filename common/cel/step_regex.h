// Matching against an expression that is known ahead.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/cel/cost.h"
#include "common/cel/regex.h"
#include "common/cel/step.h"

namespace sluice::cel {

class MatchesStep : public Step {
 public:
  MatchesStep(StepPtr text, Value pattern, std::unique_ptr<Regex> regex, CostRule cost)
      : text_(std::move(text)), pattern_(pattern), regex_(std::move(regex)), cost_(cost) {}
  Value Evaluate(Frame& frame) const override;

 private:
  StepPtr text_;
  Value pattern_;
  std::unique_ptr<Regex> regex_;
  CostRule cost_;
};

}  // namespace sluice::cel
