// `sluice install` and `sluice uninstall`: the controllers, from the chart and without Helm
// (spec/cli.md §8).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/flags/command.h"

namespace sluice::cli {

void AddInstall(Command& command);
void AddUninstall(Command& command);

// What the objects of the chart and those of Flux are told apart by.
inline constexpr char kPartOfSluice[] = "app.kubernetes.io/part-of=sluice";
inline constexpr char kPartOfFlux[] = "app.kubernetes.io/part-of=flux";

}  // namespace sluice::cli
