// The command line: `sluice get`, `tree`, `reconcile`, `apply`, `build`, `template`,
// `plan`, `test`, `version`.

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice::cli {

// Exit codes: 0 done, 1 the command failed (one "✗" line on standard error says why), 2 the command
// line is wrong.
int Main(int argc, const char* const* argv);

}  // namespace sluice::cli
