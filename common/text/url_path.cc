// SPDX-License-Identifier: Apache-2.0
#include "common/text/url_path.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace sluice::text {

std::string RemoveDotSegments(absl::string_view path) {
  std::vector<absl::string_view> kept;
  const std::vector<absl::string_view> segments = absl::StrSplit(absl::StripPrefix(path, "/"), '/');
  for (size_t i = 0; i < segments.size(); ++i) {
    if (segments[i] != "." && segments[i] != "..") {
      kept.push_back(segments[i]);
      continue;
    }
    if (segments[i] == ".." && !kept.empty()) kept.pop_back();
    if (i + 1 == segments.size()) kept.push_back("");
  }
  return absl::StrCat("/", absl::StrJoin(kept, "/"));
}

}  // namespace sluice::text
