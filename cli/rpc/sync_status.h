// What controllers tell over gRPC (proto/sluice/common/v1/sync_status.proto), as the objects that
// the rest of the command line shows.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/base/context.h"
#include "common/kube/object.h"

namespace sluice::cli {

struct SyncStatusQuestion {
  std::vector<std::string> kinds;
  std::string ns;  // empty: all
  std::string label_selector;
};

// The objects that the controller at `server` ("host:port") serves and that match; a controller
// that serves none of the kinds has none. They hold what SyncStatus tells: name, labels,
// suspension, revision and the Ready condition. Errors name the server.
absl::StatusOr<std::vector<kube::ObjectPtr>> ListSyncStatus(const Context& ctx,
                                                            const std::string& server,
                                                            const SyncStatusQuestion& question);

}  // namespace sluice::cli
