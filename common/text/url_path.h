// Paths of URLs.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace sluice::text {

// `path` without its elements "." and "..", which take the one before them away (RFC 3986, 5.2.4).
// It begins with "/" whether `path` does or not; nothing leads above that.
std::string RemoveDotSegments(absl::string_view path);

}  // namespace sluice::text
