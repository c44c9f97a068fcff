// `sluice why`: the single root cause of an object's state, as SyncStatusService.Explain finds it.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cli/terminal.h"
#include "common/explain/explain.h"
#include "common/flags/command.h"
#include "common/value/value.h"

namespace sluice::cli {

void AddWhy(Command& command);

// The path as a ladder, then the cause and what to do.
std::string FormatExplanation(const explain::Explanation& why, const Style& style);
// {"verdict", "path": [{"object", "relation", "state"}], "cause", "summary", "fix"}.
Value ExplanationToValue(const explain::Explanation& why);

}  // namespace sluice::cli
