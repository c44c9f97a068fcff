// status.latestRef of an ImagePolicy: what it becomes, and how it is told of.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "common/api/image/image_policy.h"

namespace sluice::image_controller {

// Whether the digest of `picked` has to be asked for; otherwise it becomes KnownDigest().
bool NeedsDigest(api::DigestReflection reflection, const std::optional<api::ImageRef>& latest,
                 const api::ImageRef& picked);
// The digest that is kept for `picked` where none is asked for.
std::string KnownDigest(api::DigestReflection reflection,
                        const std::optional<api::ImageRef>& latest);

// Makes `picked` the latest; what was it before, if that is something else, the previous one.
void Advance(api::ImageRef picked, api::ImagePolicyStatus& status);

// Ready's message.
std::string ResolvedMessage(const api::ImagePolicyStatus& status);

}  // namespace sluice::image_controller
