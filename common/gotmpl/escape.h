// Escaping for other languages, as text/template's html, js and urlquery do it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::gotmpl {

std::string EscapeHtml(absl::string_view text);
// For a string in JavaScript.
std::string EscapeJs(absl::string_view text);
// For a part of the query of a URL: url.QueryEscape.
std::string EscapeQuery(absl::string_view text);

}  // namespace sluice::gotmpl
