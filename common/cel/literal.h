// The values of string and bytes literals.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace sluice::cel {

// The text that a literal token (quotes, and r or R before them, included) stands for. In bytes,
// \x and octal escapes are bytes; in strings they are characters. kInvalidArgument in cel-go's
// words for an escape that stands for nothing.
absl::StatusOr<std::string> Unquote(absl::string_view literal, bool bytes);

}  // namespace sluice::cel
