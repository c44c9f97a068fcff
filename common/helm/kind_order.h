// The order in which kinds are installed, and uninstalled.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/strings/string_view.h"
#include "common/helm/chart.h"

namespace sluice::helm {

// Whether objects of the kind `a` come before those of `b`. Kinds that Helm does not know come
// last, by name; the group does not matter.
bool InstalledBefore(absl::string_view a, absl::string_view b, Dialect dialect);
bool UninstalledBefore(absl::string_view a, absl::string_view b, Dialect dialect);

}  // namespace sluice::helm
