// The clock of waits, time limits and intervals: what the system's clock said when it was first
// asked, and the time since. Nobody can set it. RealClock() is for what people read and for what is
// compared with other machines' times.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/base/clock.h"

namespace sluice {

// Lives as long as the process. Contexts' deadlines are its times.
Clock& SteadyClock();

}  // namespace sluice
