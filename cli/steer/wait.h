// `sluice wait`: until objects are ready, at a revision, or gone.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/objects.h"
#include "common/flags/command.h"

namespace sluice::cli {

void AddWait(Command& command);

// How far an object is from `condition`: "ready"; "revision=PART", ready at a revision that
// contains PART; "delete". A UsageError for anything else.
absl::StatusOr<std::function<Progress(const Value&)>> ParseWaitCondition(
    absl::string_view condition);

}  // namespace sluice::cli
