// SPDX-License-Identifier: Apache-2.0
#include "common/runtime/end_signals.h"

namespace sluice::runtime {

sigset_t EndSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

void HoldEndSignals() {
  const sigset_t set = EndSignals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace sluice::runtime
