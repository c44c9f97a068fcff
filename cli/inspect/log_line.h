// A line of a controller's log, as people read it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace sluice::cli {

// What to show; empty fields let everything through.
struct LogFilter {
  std::string level;
  std::string kind;  // kind and name without case
  std::string name;
  std::string ns;
};

// "<time> <level> <Kind>/<name>.<namespace> - <message> <error>" of a JSON line with Flux's keys;
// nullopt if `filter` leaves it out or it is no JSON.
std::optional<std::string> FormatLogLine(absl::string_view line, const LogFilter& filter);

}  // namespace sluice::cli
