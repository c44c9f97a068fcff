// Kinds that are asked, not stored: access reviews, token reviews, who am I.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "common/devapi/requests/call.h"

namespace sluice::devapi {

// Whether creating `resource` answers a question.
bool IsReview(const Resource& resource);
// Answers it.
absl::StatusOr<Reply> CreateReview(Cluster& cluster, Call& call);

// POST serviceaccounts/<name>/token.
absl::StatusOr<Reply> CreateToken(Cluster& cluster, Call& call);

}  // namespace sluice::devapi
