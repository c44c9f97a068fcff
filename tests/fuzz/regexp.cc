// Regular expressions of users: the first line, found in the rest within bounds of time and memory.

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "common/text/regexp.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(regexp, input) {
  const size_t line = std::min(input.find('\n'), input.size());
  const absl::string_view text = input.substr(std::min(line + 1, input.size()));
  const auto expression = text::Regexp::Compile(input.substr(0, line), int64_t{1} << 20);
  if (!expression.ok()) return;
  std::vector<absl::string_view> groups(expression->group_count() + 1);
  const bool found = expression->Find(text, 0, groups);
  Require(found == expression->MatchesIn(text), "a match is found where there is one", input);
  std::string out;
  if (found) expression->Expand("$0-${1}-$name-$$", groups, out);
}

}  // namespace sluice::fuzz
