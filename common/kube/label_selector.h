// Label selectors, as `kubectl -l` and list requests write them.
//
//   app=web,tier!=test,env in (dev,prod),!legacy,team

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::kube {

// Immutable once parsed, so safe to share between threads.
class LabelSelector {
 public:
  // "" selects everything. kInvalidArgument quoting the requirement at fault.
  static absl::StatusOr<LabelSelector> Parse(absl::string_view text);

  bool Matches(const std::map<std::string, std::string>& labels) const;

 private:
  struct Requirement {
    std::string key;
    bool negated = false;
    bool any_value = false;  // only the key counts
    std::set<std::string> values;
  };

  std::vector<Requirement> requirements_;
};

}  // namespace sluice::kube
