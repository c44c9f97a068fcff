// SPDX-License-Identifier: Apache-2.0
#include "services/helm-controller/action/environment.h"

#include "common/base/duration.h"

namespace sluice::helm_controller {

std::string Environment::Now() const { return FormatRfc3339Nano(clock.Now()); }

}  // namespace sluice::helm_controller
