// spec.git.push.refspec: which other references a push changes.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::image_controller {

struct Refspec {
  bool force = false;  // written with a "+"
  std::string target;  // the full name on the remote: "refs/for/main"
};

// Of "[+]source:target" where the source is `branch`, the branch that was committed to, by its
// short or full name, as "HEAD", or under a pattern ("refs/heads/*:refs/copies/*"). Without ":" the
// target is the branch itself. kInvalidArgument for anything else: nothing else is there to be
// pushed.
absl::StatusOr<Refspec> ParseRefspec(absl::string_view text, absl::string_view branch);

}  // namespace sluice::image_controller
