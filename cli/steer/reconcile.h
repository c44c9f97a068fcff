// `sluice reconcile`: asks for a reconciliation now and waits for its result (spec/cli.md §3).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "cli/objects.h"
#include "common/flags/command.h"
#include "common/value/value.h"

namespace sluice::cli {

void AddReconcile(Command& command);

// How far the reconciliation that was asked for with `requested_at` is.
Progress ProgressOf(const Value& object, absl::string_view requested_at);
// What to say of one that is done: "fetched revision …", "applied revision …".
std::string SuccessLine(const Value& object);

}  // namespace sluice::cli
