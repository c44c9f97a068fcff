// How much memory the process uses, as the kernel says.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "common/value/value.h"

namespace sluice::devapi {

// {"residentKiB": n, "peakKiB": n}; zeros where the kernel does not tell.
Value MemoryUse();

}  // namespace sluice::devapi
