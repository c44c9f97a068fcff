// Image policies: the first line is a rule (s range, a or n order, f pattern extract), the others
// are tags. What is picked is one of them.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "common/image_policy/selection.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(image_policy, input) {
  std::vector<std::string> tags = absl::StrSplit(input, absl::MaxSplits('\n', 100));
  const std::string rule = tags[0];
  tags.erase(tags.begin());
  (void)image_policy::ParseGoFloat(rule);
  if (rule.empty()) return;
  image_policy::Rules rules;
  const std::string text = rule.substr(1);
  switch (rule[0]) {
    case 's':
      rules.semver_range = text;
      break;
    case 'a':
      rules.alphabetical_order = text;
      break;
    case 'n':
      rules.numerical_order = text;
      break;
    default: {
      const std::pair<std::string, std::string> parts =
          absl::StrSplit(text, absl::MaxSplits(' ', 1));
      rules.alphabetical_order = "asc";
      rules.filter = image_policy::TagFilterRules{parts.first, parts.second};
    }
  }
  const auto selection = image_policy::Selection::Create(rules);
  if (!selection.ok()) return;
  const auto picked = selection->Pick(tags);
  Require(!picked.ok() || std::find(tags.begin(), tags.end(), *picked) != tags.end(),
          "what is picked is one of the tags", picked.ok() ? *picked : "");
}

}  // namespace sluice::fuzz
