// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/unused_memory.h"

#include <malloc.h>
#include <sys/mman.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>

namespace sluice::runtime {

void ShareArenas() { mallopt(M_ARENA_MAX, 4); }

size_t ReturnUnusedMemory() {
  malloc_trim(0);
  size_t unmapped = 0;
  uintptr_t begin = 0;
  uintptr_t end = 0;
  bool of_file = false;
  // Each mapping is a line "begin-end access offset device inode path" and lines of figures.
  std::ifstream mappings("/proc/self/smaps");
  for (std::string line; std::getline(mappings, line);) {
    uintptr_t from = 0;
    uintptr_t to = 0;
    char access[5] = {};
    uint64_t inode = 0;
    uint64_t kib = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %" SCNu64, &from, &to,
                    access, &inode) == 4) {
      begin = from;
      end = to;
      // The kernel's own code (vdso) has no inode.
      of_file = inode != 0 && access[0] == 'r' && access[1] == '-';
    } else if (std::sscanf(line.c_str(), "Anonymous: %" SCNu64, &kib) == 1) {
      // What cannot be written, and has no page that differs from the file, as relocated tables do,
      // is in the file as it is here.
      if (of_file && kib == 0 &&
          madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED) == 0) {
        unmapped += end - begin;
      }
    }
  }
  return unmapped;
}

}  // namespace sluice::runtime
