// SPDX-License-Identifier: Apache-2.0
#include "common/devapi/memory.h"

#include <fstream>
#include <sstream>
#include <string>

namespace sluice::devapi {

Value MemoryUse() {
  Value result = {{"residentKiB", 0}, {"peakKiB", 0}};
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    std::istringstream words(line);
    std::string name;
    int64_t kib = 0;
    words >> name >> kib;
    if (name == "VmRSS:") result.Set("residentKiB", kib);
    if (name == "VmHWM:") result.Set("peakKiB", kib);
  }
  return result;
}

}  // namespace sluice::devapi
