// `sluice reconcile`: asks for a reconciliation now and waits for its result (spec/cli.md §3).

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/connection.h"
#include "common/value/value.h"

namespace sluice::cli {

struct ReconcileOptions {
  ConnectionOptions connection;
  std::vector<std::string> words;
  bool with_source = false;
  bool force = false;
  bool reset = false;
};

absl::Status Reconcile(const Context& ctx, Connection& connection, const ReconcileOptions& options);

// How far the reconciliation that was asked for with `requested_at` is.
enum class Progress { kPending, kDone, kFailed };
Progress ProgressOf(const Value& object, absl::string_view requested_at);
// What to say of one that is done: "fetched revision …", "applied revision …".
std::string SuccessLine(const Value& object);

}  // namespace sluice::cli
