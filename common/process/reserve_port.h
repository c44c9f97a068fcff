// Ports for programs whose address must be known before they start.

// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sluice::process {

// A port of 127.0.0.1 on which nobody listens. Until this process ends, it is given to nobody who
// asks for any port, and to no connection: only to a program that names it and listens with
// SO_REUSEADDR or SO_REUSEPORT, as ours do. Takes a file descriptor for good.
int ReservePort();

}  // namespace sluice::process
