// Making lists and maps.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "common/cel/step.h"

namespace sluice::cel {

class ListStep : public Step {
 public:
  ListStep(std::vector<StepPtr> elements, std::vector<bool> optional)
      : elements_(std::move(elements)), optional_(std::move(optional)) {}
  Value Evaluate(Frame& frame) const override;

 private:
  std::vector<StepPtr> elements_;
  std::vector<bool> optional_;
};

class MapStep : public Step {
 public:
  // `parts` are keys and values in turn.
  MapStep(std::vector<StepPtr> parts, std::vector<bool> optional)
      : parts_(std::move(parts)), optional_(std::move(optional)) {}
  Value Evaluate(Frame& frame) const override;

 private:
  std::vector<StepPtr> parts_;
  std::vector<bool> optional_;
};

}  // namespace sluice::cel
