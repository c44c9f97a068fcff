// spec.driftDetection.ignore: which parts of which objects may differ.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/kube/label_selector.h"
#include "common/text/regexp.h"
#include "common/value/value.h"

namespace sluice::helm_controller {

// Immutable, so that threads may share it.
class IgnoreRules {
 public:
  // kInvalidArgument for a target whose pattern or label selector is none.
  static absl::StatusOr<IgnoreRules> Parse(const Value& list);

  // Whether a rule with the path "" is about `object`.
  bool IgnoresAll(const Value& object) const;
  // `state`, a state of `object`, without the paths that rules about `object` name.
  Value Without(const Value& object, const Value& state) const;

 private:
  struct Rule {
    bool IsAbout(const Value& object) const;

    std::vector<std::string> paths;
    std::map<std::string, text::Regexp> patterns;  // by the field of the target
    std::optional<kube::LabelSelector> labels;
    std::optional<kube::LabelSelector> annotations;
  };

  std::vector<Rule> rules_;
};

}  // namespace sluice::helm_controller
