// Paths: none leads above its base.

// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/fs/clean_path.h"
#include "common/text/url_path.h"
#include "tests/fuzz/targets.h"

namespace sluice::fuzz {

FUZZ_TARGET(paths, input) {
  const auto check = [input](const absl::StatusOr<std::string>& path) {
    if (!path.ok()) return;
    Require(fs::IsCleanPath(*path), "the result is clean", input);
    for (const absl::string_view element : absl::StrSplit(*path, '/')) {
      Require(element != "..", "nothing leads up", input);
    }
  };
  check(fs::CleanPath(input));
  check(fs::JoinPath("base/dir", input));
  const auto joined = fs::SecureJoin("base/dir", input);
  check(joined);
  Require(!joined.ok() || *joined == "base/dir" || absl::StartsWith(*joined, "base/dir/"),
          "a secure join stays below its base", input);
  const std::string url_path = text::RemoveDotSegments(input);
  Require(absl::StartsWith(url_path, "/") && !absl::StrContains(url_path, "/../"),
          "a URL's path stays below its root", url_path);
}

}  // namespace sluice::fuzz
