// The commands that need no cluster, as a program of their own.

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice::cli {

// Whether a command line is for OfflineMain(). One that looks up host names is not: a program that
// is linked statically cannot.
bool IsOffline(int argc, const char* const* argv);

// Exit codes as of Main() in cli/app.h.
int OfflineMain(int argc, const char* const* argv);

}  // namespace sluice::cli
