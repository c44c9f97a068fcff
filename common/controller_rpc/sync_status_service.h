// The gRPC face of the sync status board (proto/sluice/common/v1/sync_status.proto), served by
// every controller for its own kinds.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/base/clock.h"
#include "common/kube/client.h"
#include "common/rpc/server_call.h"
#include "common/sync_status/board.h"

namespace grpc {
class Service;
}  // namespace grpc

namespace sluice::controller_rpc {

// All arguments must outlive the service.
std::unique_ptr<grpc::Service> CreateSyncStatusService(sync_status::Board& board,
                                                       kube::Client& client, Clock& clock,
                                                       rpc::RunningCalls& calls);

}  // namespace sluice::controller_rpc
