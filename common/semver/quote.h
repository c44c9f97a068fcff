// Quoting text for error messages, as Go's %q does.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::semver {

// `text` in double quotes with quotes, backslashes, control characters and invalid UTF-8 escaped.
// Unlike Go, every character from U+00A0 on counts as printable.
std::string Quote(absl::string_view text);

}  // namespace sluice::semver
