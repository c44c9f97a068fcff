// Regular expressions of rules: text::Regexp within this language's bound.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/text/regexp.h"

namespace sluice::cel {

// Errors as of text::Regexp::Compile(); one may take 1 MiB.
inline absl::StatusOr<text::Regexp> CompileRegex(absl::string_view pattern) {
  return text::Regexp::Compile(pattern, int64_t{1} << 20);
}

}  // namespace sluice::cel
