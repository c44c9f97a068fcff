// The gRPC endpoint that every controller has: SyncStatusService, health, reflection, and what else
// it serves.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/server.h"
#include "common/rpc/server_call.h"
#include "common/runtime/process.h"
#include "common/sync_status/board.h"

namespace sluice::controller_rpc {

// Serves on --grpc-addr until destroyed.
class ControllerServer {
 public:
  // `process` and `board` must outlive it.
  ControllerServer(runtime::Process& process, sync_status::Board& board);
  ~ControllerServer();

  // Running calls end with the server; services that are added need it.
  rpc::RunningCalls& calls() { return calls_; }
  // Before Start(). `service` must outlive the server.
  // `name` is its full name in the .proto.
  void Add(std::string name, grpc::Service& service) {
    services_.push_back({std::move(name), &service});
  }
  // kUnavailable, naming the address, if it cannot listen.
  absl::Status Start();

 private:
  runtime::Process& process_;
  rpc::RunningCalls calls_;
  std::unique_ptr<grpc::Service> sync_status_;
  std::vector<rpc::NamedService> services_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace sluice::controller_rpc
