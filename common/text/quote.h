// Quoting text as Go's %q does.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::text {

// `text` in double quotes with quotes, backslashes, control and other unprintable characters and
// invalid UTF-8 escaped: Go's strconv.Quote.
std::string Quote(absl::string_view text);

// The same between `quote`s; with `ascii` everything but ASCII is escaped too.
std::string QuoteWith(absl::string_view text, char quote, bool ascii);

// Whether `text` can stand between backquotes as it is.
bool CanBackquote(absl::string_view text);

}  // namespace sluice::text
