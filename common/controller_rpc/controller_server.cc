// SPDX-License-Identifier: Apache-2.0
#include "common/controller_rpc/controller_server.h"

#include <grpcpp/impl/codegen/service_type.h>

#include "common/base/status_macros.h"
#include "common/controller_rpc/sync_status_service.h"
#include "common/log/log.h"
#include "common/rpc/library_log.h"

namespace sluice::controller_rpc {

ControllerServer::ControllerServer(runtime::Process& process, sync_status::Board& board)
    : process_(process),
      sync_status_(CreateSyncStatusService(board, process.client(), RealClock(), calls_)) {
  rpc::CaptureLibraryLog();
  Add("sluice.common.v1.SyncStatusService", *sync_status_);
}

ControllerServer::~ControllerServer() { calls_.CancelAll(); }

absl::Status ControllerServer::Start() {
  rpc::ServerOptions options;
  options.address = process_.options().grpc_address;
  ASSIGN_OR_RETURN(server_, rpc::Server::Start(options, calls_, services_));
  log::Info(process_.context(), "serving gRPC", {{"port", server_->port()}});
  return absl::OkStatus();
}

}  // namespace sluice::controller_rpc
