// The ImageRepository that an ImagePolicy refers to, if it may (spec/image.md §3).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "common/api/image/image_repository.h"
#include "common/base/context.h"
#include "common/kube/client.h"
#include "common/kube/object_key.h"
#include "common/value/value.h"

namespace sluice::image_controller {

// Whether a namespace with `labels` has access.
bool Admits(const api::AccessFrom& access, const std::map<std::string, std::string>& labels);

// The repository `repository` for a policy in the namespace `ns`. Errors carry the reason of
// Ready=False (api/meta/reason.h).
absl::StatusOr<Value> FindImageRepository(const Context& ctx, kube::Client& client,
                                          const std::string& ns, const kube::ObjectKey& repository,
                                          bool no_cross_namespace);

}  // namespace sluice::image_controller
