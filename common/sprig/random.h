// Numbers by chance, from the random bytes that the surroundings of a rendering give.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/gotmpl/function.h"

namespace sluice::sprig {

// Each number below `limit`, which must not be 0, is as likely as another.
uint64_t RandomBelow(uint64_t limit, gotmpl::Environment& environment);

// What the session runs in; kFailedPrecondition if it was given nothing.
absl::StatusOr<gotmpl::Environment*> EnvironmentOf(gotmpl::Call& call);

}  // namespace sluice::sprig
