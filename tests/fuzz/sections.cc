// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/sections.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace sluice::fuzz {

std::map<std::string, std::string> Sections(absl::string_view input) {
  std::map<std::string, std::string> sections;
  std::string name;
  for (absl::string_view line : absl::StrSplit(input, '\n')) {
    if (absl::ConsumePrefix(&line, "=== ")) {
      name = std::string(line);
      sections[name];
    } else {
      absl::StrAppend(&sections[name], line, "\n");
    }
  }
  return sections;
}

}  // namespace sluice::fuzz
