// YAML's dates and times.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::value {

// The timestamp `text` as RFC 3339 with the nanoseconds it needs (how Go prints a time.Time), or
// nothing if it is none of the forms that go-yaml accepts.
std::optional<std::string> YamlTimestampToRfc3339(absl::string_view text);

}  // namespace sluice::value
