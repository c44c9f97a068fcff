// SPDX-License-Identifier: Apache-2.0
#include "cli/plan/local_sources.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace sluice::plan {

absl::StatusOr<std::map<std::string, std::string>> ParseLocalSources(
    const std::vector<std::string>& words) {
  std::map<std::string, std::string> folders;
  for (const std::string& word : words) {
    const std::vector<std::string> parts = absl::StrSplit(word, absl::MaxSplits('=', 1));
    if (parts.size() != 2 || std::count(parts[0].begin(), parts[0].end(), '/') != 2) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", word, "\" is not of the form Kind/namespace/name=folder"));
    }
    folders[parts[0]] = parts[1];
  }
  return folders;
}

}  // namespace sluice::plan
