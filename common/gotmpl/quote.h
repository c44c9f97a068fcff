// Go's %q in all its forms.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::gotmpl {

// `text` between `quote`s, everything but printable characters escaped; with `ascii`, everything
// but ASCII.
std::string QuoteWith(absl::string_view text, char quote, bool ascii);

// Whether `text` can stand between backquotes as it is.
bool CanBackquote(absl::string_view text);

}  // namespace sluice::gotmpl
