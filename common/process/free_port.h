// Ports for programs whose address must be known before they start.

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice::process {

// A port of 127.0.0.1 that nobody listens on now; somebody may before it is used.
int FreePort();

}  // namespace sluice::process
