// age's text form: strict PEM.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::age {

// Whether `text` begins, after white space, as an armored file does.
bool IsArmored(absl::string_view text);

// The file in `text`. kInvalidArgument ("invalid armor: ...", without bytes of it) for what is
// none. Lines end in LF or CRLF; up to 1024 bytes of white space may stand before and after.
absl::StatusOr<std::string> Dearmor(absl::string_view text);

}  // namespace sluice::age
