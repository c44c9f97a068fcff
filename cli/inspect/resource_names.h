// Resources by the words that people use for them, as kubectl takes them.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/kube/gvk.h"

namespace sluice::cli {

// The resource that the cluster serves as `word`: its plural, singular, short name or kind in any
// case, and any of these with the group behind a dot ("deployments.apps"). Groups are asked in the
// cluster's order, the core first, for the version they prefer. kNotFound, worded as kubectl does.
absl::StatusOr<kube::Resource> FindResource(const Context& ctx, kube::Client& client,
                                            absl::string_view word);

}  // namespace sluice::cli
