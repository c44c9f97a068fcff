// What a diff prints of objects.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "cli/terminal.h"
#include "common/value/value.h"

namespace sluice::cli {

// "► Kind/ns/name created", in the colour of what happens.
std::string FormatChange(absl::string_view subject, absl::string_view action, const Style& style);

// The fields in which two states of an object differ: a block per field, with its old and its new
// value; "" if they are the same. Status and what the server keeps for itself do not count, and
// values of a Secret are not shown.
std::string FormatDrift(const Value& before, const Value& after, const Style& style);

}  // namespace sluice::cli
