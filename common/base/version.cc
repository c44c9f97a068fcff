// SPDX-License-Identifier: Apache-2.0
#include "common/base/version.h"

namespace sluice {

const char kVersion[] = SLUICE_VERSION;

}  // namespace sluice
