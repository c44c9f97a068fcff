// `sluice apply`: manifests of files and folders, applied server-side.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/connection.h"
#include "common/ssa/readiness.h"
#include "common/value/value.h"

namespace sluice::cli {

struct ApplyOptions {
  ConnectionOptions connection;
  std::vector<std::string> files;
  std::string field_manager = "sluice";
  bool force = false;
};

void AddApply(Command& command);

// Definitions first, waiting until they are served; then the rest in the order in which
// kustomize-controller applies. Stops at the first object that is refused. What was applied.
absl::StatusOr<std::vector<ssa::WatchedObject>> ApplyObjects(const Context& ctx,
                                                             Connection& connection,
                                                             const ApplyOptions& options,
                                                             std::vector<Value> objects);
// The same with the objects of `options.files`, within the connection's time limit.
absl::Status Apply(const Context& ctx, Connection& connection, const ApplyOptions& options);

// Until all are ready (kstatus), one has failed, or `ctx` ends.
absl::Status AwaitReadiness(const Context& ctx, Connection& connection,
                            std::span<const ssa::WatchedObject> objects);

// The objects of one YAML or JSON text, lists taken apart. Errors start with `name`, and name the
// line of the document that is no object.
absl::StatusOr<std::vector<Value>> ReadManifests(absl::string_view name, absl::string_view text);

}  // namespace sluice::cli
