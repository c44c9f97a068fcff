// SPDX-License-Identifier: Apache-2.0
#include "cli/version.h"

#include <iostream>

namespace sluice::cli {

int PrintVersion() {
  std::cout << "sluice: v" << SLUICE_VERSION << "\n";
  return 0;
}

}  // namespace sluice::cli
