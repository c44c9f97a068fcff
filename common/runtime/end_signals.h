// The signals that ask a controller to end: SIGTERM and SIGINT.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

namespace sluice::runtime {

sigset_t EndSignals();

// From now on they wait until a thread takes them with sigtimedwait(). To be called before anything
// else, and before there are threads: until then they end the process as it stands, or, in a
// container whose first process it is, are lost.
void HoldEndSignals();

}  // namespace sluice::runtime
