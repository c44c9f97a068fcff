// Matching against an expression that is known ahead.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "common/cel/cost.h"
#include "common/cel/step.h"
#include "common/text/regexp.h"

namespace sluice::cel {

class MatchesStep : public Step {
 public:
  MatchesStep(StepPtr text, Value pattern, text::Regexp regex, CostRule cost)
      : text_(std::move(text)), pattern_(pattern), regex_(std::move(regex)), cost_(cost) {}
  Value Evaluate(Frame& frame) const override;

 private:
  StepPtr text_;
  Value pattern_;
  text::Regexp regex_;
  CostRule cost_;
};

}  // namespace sluice::cel
