// SPDX-License-Identifier: Apache-2.0
#include "cli/version.h"

#include <iostream>

#include "common/base/version.h"

namespace sluice::cli {

void AddVersion(Command& command) {
  command.Sub("version", "Prints the version of this program", [] {
    std::cout << "sluice: v" << kVersion << "\n";
    return 0;
  });
}

}  // namespace sluice::cli
