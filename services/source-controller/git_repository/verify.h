// spec.verify: the signatures of the commit, of the tag, or of both (spec/source.md §3.7).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/signature/git_signature.h"
#include "services/source-controller/git_repository/fetch.h"

namespace sluice::source_controller {

// What is verified: "HEAD" (also for "head" and for what is no mode), "Tag" or "TagAndHEAD".
absl::string_view VerificationMode(absl::string_view spec_mode);

// Whether a spec that asks for `mode` wants more than what was verified under `observed_mode`, ""
// if nothing was.
bool VerificationRequired(absl::string_view mode, absl::string_view observed_mode);

// The reason of a failure that only another spec ends.
inline constexpr char kInvalidVerificationMode[] = "InvalidVerificationMode";

// The message of SourceVerified=True: which object was signed by which key. Errors carry the reason
// of SourceVerified=False.
absl::StatusOr<std::string> VerifyCheckout(absl::string_view mode, const GitCheckout& checkout,
                                           const signature::TrustedKeys& keys, absl::Time now);

}  // namespace sluice::source_controller
