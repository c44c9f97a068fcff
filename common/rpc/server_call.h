// ServerCall: a running call on the server's side as a Context, and who makes it.
//
//   grpc::Status Subscribe(grpc::ServerContext* call, const SubscribeRequest* request,
//                          grpc::ServerWriter<ArtifactEvent>* writer) override {
//     const rpc::ServerCall scope(calls_, *call);
//     return rpc::ToGrpc(publisher_.Publish(scope.ctx(), ...));
//   }

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "common/base/context.h"
#include "common/rpc/caller.h"

namespace grpc {
class ServerContext;
}  // namespace grpc

namespace sluice::rpc {

// The calls that run on one server. gRPC's synchronous interface tells a handler that its caller is
// gone only when it asks, so one thread asks for all of them, every 100 ms while there are any.
// Thread-safe. Outlives the server and the services that use it.
class RunningCalls {
 public:
  RunningCalls();
  ~RunningCalls();
  RunningCalls(const RunningCalls&) = delete;
  RunningCalls& operator=(const RunningCalls&) = delete;

  // Ends the contexts of all calls, those that begin later included: the server shuts down.
  void CancelAll();
  // Cancelled by CancelAll(): for what runs beside the calls.
  const Context& ctx() const;

 private:
  friend class ServerCall;
  struct State;
  std::unique_ptr<State> state_;
};

// From the beginning to the end of one handler; used by its thread.
class ServerCall {
 public:
  // `call` outlives this.
  ServerCall(RunningCalls& calls, grpc::ServerContext& call);
  ~ServerCall();
  ServerCall(const ServerCall&) = delete;
  ServerCall& operator=(const ServerCall&) = delete;

  // Has the caller's deadline; cancelled when the caller is gone or the server shuts down.
  const Context& ctx() const { return ctx_; }

  // Who makes it.
  Caller caller() const;

 private:
  struct Entry;
  RunningCalls& calls_;
  grpc::ServerContext& call_;
  std::unique_ptr<Entry> entry_;
  Context ctx_;
};

}  // namespace sluice::rpc
