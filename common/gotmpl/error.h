// Errors of templates and the errors that they wrap. Go's errors nest; a status has one message, so
// the nesting is kept beside it. Helm 4 prints each level on lines of its own.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace sluice::gotmpl {

// An error that reads `prefix` and then the text of `cause`, with its code, wrapping it.
absl::Status Wrap(absl::string_view prefix, const absl::Status& cause);

// The text of the error and of those it wraps, outermost first: each is the end of the one before.
std::vector<std::string> ErrorChain(const absl::Status& error);

}  // namespace sluice::gotmpl
