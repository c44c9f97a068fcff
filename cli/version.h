// `sluice version`.

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice::cli {

// Prints "sluice: v0.1.0"; 0.
int PrintVersion();

}  // namespace sluice::cli
