// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/masked_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace sluice::conformance {

bool EqualButMasked(absl::string_view expected, absl::string_view actual) {
  if (expected == actual) return true;
  const std::vector<absl::string_view> wanted = absl::StrSplit(expected, '\n');
  const std::vector<absl::string_view> given = absl::StrSplit(actual, '\n');
  return std::equal(wanted.begin(), wanted.end(), given.begin(), given.end(),
                    [](absl::string_view want, absl::string_view have) {
                      return want == have || absl::StrContains(want, "<<nondeterministic>>");
                    });
}

std::string WithoutBlanks(absl::string_view text) {
  std::vector<absl::string_view> lines;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const absl::string_view content = absl::StripTrailingAsciiWhitespace(line);
    if (!content.empty()) lines.push_back(content);
  }
  return absl::StrJoin(lines, "\n");
}

std::string WithSortedLines(absl::string_view text) {
  std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  std::sort(lines.begin(), lines.end());
  return absl::StrJoin(lines, "\n");
}

}  // namespace sluice::conformance
