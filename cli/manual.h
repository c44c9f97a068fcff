// The page about all commands (docs/cli.md), out of what they say of themselves.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "common/flags/command.h"

namespace sluice::cli {

// Prints the page: `sluice __manual > docs/cli.md`.
inline constexpr char kManualCommand[] = "__manual";

// Markdown: a section per command. Defaults that are paths of this machine are left out.
std::string FormatManual(const CommandDescription& program);

}  // namespace sluice::cli
