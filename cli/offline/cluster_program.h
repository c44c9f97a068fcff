// The way from the small `sluice` program to the one with all commands.

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice::cli {

// Replaces this process by sluice-cluster, which must stand in the same folder as this program
// (links followed), with the same arguments. Returns only if that fails: 1, the reason printed.
int BecomeClusterProgram(char** argv);

}  // namespace sluice::cli
