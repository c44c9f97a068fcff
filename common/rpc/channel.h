// Channels to other controllers' gRPC servers, and one call on one under a Context.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/rpc/tls.h"

namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace sluice::rpc {

struct ChannelOptions {
  std::string target;  // "host:port", or what else gRPC resolves ("dns:///host:port", "unix:/path")
  bool tls = false;
  TlsFiles tls_files;                    // with tls only; without authorities, the system's
  std::string server_name;               // that the certificate must bear; empty: the target's host
  size_t max_message = size_t{4} << 20;  // received
  absl::Duration keepalive_time = absl::Seconds(30);
  absl::Duration keepalive_timeout = absl::Seconds(10);
  absl::Duration first_backoff = absl::Milliseconds(200);  // between attempts to connect
  absl::Duration max_backoff = absl::Seconds(30);
};

// Connects when first used, and again whenever the connection is lost. Thread-safe; stubs made from
// it share the connection. kInvalidArgument if `target` is empty, TLS files come without tls or
// cannot be used.
// Proxies named by the environment are not used: the target is in the cluster.
absl::StatusOr<std::shared_ptr<grpc::Channel>> CreateChannel(ChannelOptions options);

// The client's side of one call: has the context's deadline, and is cancelled with it. Used by one
// thread; lives from before the call until its status is known. Not used again.
//
//   rpc::ClientCall call(ctx);
//   const absl::Status status = rpc::FromGrpc(stub->Get(call.get(), request, &response));
class ClientCall {
 public:
  // `bearer_token`, if not empty, is sent as the call's authorization.
  explicit ClientCall(const Context& ctx, const Secret& bearer_token = Secret());
  ~ClientCall();
  ClientCall(const ClientCall&) = delete;
  ClientCall& operator=(const ClientCall&) = delete;

  grpc::ClientContext* get() const { return call_.get(); }

 private:
  std::unique_ptr<grpc::ClientContext> call_;
  std::unique_ptr<Context::Registration> registration_;  // destroyed first
};

}  // namespace sluice::rpc
