// The gRPC endpoint that every controller has: SyncStatusService, health, reflection, and what else
// it serves.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/access/reviewer.h"
#include "common/controller_rpc/guard.h"
#include "common/controller_rpc/peers.h"
#include "common/controller_rpc/status_mirror.h"
#include "common/kube/discovery.h"
#include "common/rpc/server.h"
#include "common/rpc/server_call.h"
#include "common/runtime/process.h"
#include "common/sync_status/board.h"

namespace sluice::controller_rpc {

// How this controller calls others, by its flags and with its own identity.
PeerSecurity SecurityOf(const runtime::Process& process);

// Serves on --grpc-addr until destroyed.
class ControllerServer {
 public:
  // `process` and `board` must outlive it.
  ControllerServer(runtime::Process& process, sync_status::Board& board);
  ~ControllerServer();

  // Running calls end with the server; services that are added need it.
  rpc::RunningCalls& calls() { return calls_; }
  // Who calls, and what they may do; services that are added ask it.
  Guard& guard() { return guard_; }
  // Before Start(). `service` must outlive the server.
  // `name` is its full name in the .proto.
  void Add(std::string name, grpc::Service& service) {
    services_.push_back({std::move(name), &service});
  }
  // kUnavailable, naming the address, if it cannot listen; kInvalidArgument for flags or files that
  // do not fit.
  absl::Status Start();

 private:
  absl::Status Availability(const std::string& kind) const;

  runtime::Process& process_;
  rpc::RunningCalls calls_;
  access::Reviewer reviewer_;
  Guard guard_;
  kube::Discovery discovery_;
  sync_status::Board& board_;
  std::vector<std::unique_ptr<StatusMirror>> mirrors_;
  std::unique_ptr<grpc::Service> sync_status_;
  std::vector<rpc::NamedService> services_;
  std::unique_ptr<rpc::Server> server_;
};

}  // namespace sluice::controller_rpc
