// .helmignore: which files of a chart's folder are no part of the chart.
//
// One pattern a line, Go's path.Match. With a slash inside it is matched against the whole path,
// else against the last element; "/" at the front stands for the chart's root, at the end for
// folders only. A pattern after "!" ignores everything that it does not match, a fault of Helm's
// that charts have come to depend on. The first rule that ignores wins.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/fs/glob.h"

namespace sluice::helm {

class IgnoreRules {
 public:
  // kInvalidArgument for "**" and patterns that are not well formed. Files with a dot in front in
  // templates/ are ignored by a rule of Helm's own, after those of `text`.
  static absl::StatusOr<IgnoreRules> Parse(absl::string_view text);

  // Whether what is at the clean path `path`, not the root, is ignored.
  bool Ignores(absl::string_view path, bool is_directory) const;

 private:
  struct Rule {
    fs::Glob pattern;
    bool negated;
    bool directories_only;
    bool whole_path;
  };

  absl::Status Add(absl::string_view line);

  std::vector<Rule> rules_;
};

}  // namespace sluice::helm
