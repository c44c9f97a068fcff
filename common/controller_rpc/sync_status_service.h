// The gRPC face of the sync status board (proto/sluice/common/v1/sync_status.proto), served by
// every controller for the kinds on its board.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/base/clock.h"
#include "common/controller_rpc/guard.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/rpc/server_call.h"
#include "common/sync_status/board.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace sluice::controller_rpc {

// What the service works with; all must outlive it.
struct StatusSources {
  sync_status::Board& board;
  kube::Client& client;
  kube::Discovery& discovery;
  Guard& guard;
  Clock& clock;
  rpc::RunningCalls& calls;
  // kUnavailable while the board's caches are not filled ("" asks for those in general), or while
  // `kind`, which is not on the board, may yet come from a peer. Thread-safe.
  std::function<absl::Status(const std::string& kind)> availability;
};

std::unique_ptr<grpc::Service> CreateSyncStatusService(const StatusSources& sources);

}  // namespace sluice::controller_rpc
