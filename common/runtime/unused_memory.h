// Memory that a process holds only because it needed it once.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace sluice::runtime {

// Gives back to the kernel what the heap does not use, and unmaps code and constants, of which a
// start touches much that is never used again. What is used comes back from the page cache, at some
// microseconds for 64 KiB. The bytes that were unmapped, used or not. Thread-safe.
size_t ReturnUnusedMemory();

// Has the threads share a few arenas of the heap: each keeps what was freed in it to itself. To be
// called before there are threads.
void ShareArenas();

}  // namespace sluice::runtime
