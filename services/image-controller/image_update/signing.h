// The key that an automation's commits are signed with (spec/image.md §8.6).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/api/image/image_update_automation.h"
#include "common/base/context.h"
#include "services/image-controller/image/collaborators.h"

namespace sluice::image_controller {

// The armoured signature over a commit's bytes.
using SignCommit = std::function<absl::StatusOr<std::string>(absl::string_view payload)>;

// Reads the Secret spec.git.commit.signingKey names in `ns`: "git.asc" and "passphrase" of type
// gpg, "identity" and "password" of type ssh. kInvalidArgument naming the Secret and the key, but
// nothing of its content.
absl::StatusOr<SignCommit> ReadSigningKey(const Context& ctx, const Collaborators& with,
                                          const std::string& ns,
                                          const api::ImageUpdateAutomationSpec& spec);

}  // namespace sluice::image_controller
