// A server with SyncStatusService and ArtifactService in the test's process, in front of a
// development API server that knows our kinds, with a few service accounts.

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/access/reviewer.h"
#include "common/artifact/hub.h"
#include "common/base/context.h"
#include "common/base/secret.h"
#include "common/controller_rpc/guard.h"
#include "common/devapi/server.h"
#include "common/kube/client.h"
#include "common/kube/discovery.h"
#include "common/rpc/server.h"
#include "common/rpc/server_call.h"
#include "common/runtime/informer.h"
#include "common/sync_status/board.h"
#include "common/value/value.h"

namespace grpc {
class Channel;
class Service;
}  // namespace grpc

namespace sluice::grpc_api {

struct StatusServerOptions {
  bool authenticate = true;
  controller_rpc::CallLimits limits;
  // The kinds that it shows.
  std::vector<std::string> kinds = {"Kustomization", "GitRepository"};
  // YAML manifests to begin with.
  std::vector<std::string> manifests;
  rpc::TlsFiles tls;
};

// Everything about it ends the test's process when it fails. Serves until destroyed.
class StatusServer {
 public:
  explicit StatusServer(const StatusServerOptions& options);
  ~StatusServer();

  int port() const { return server_->port(); }
  std::string address() const;
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  kube::Client& client() { return *client_; }
  sync_status::Board& board() { return board_; }
  artifact::Hub& hub() { return hub_; }
  controller_rpc::Guard& guard() { return guard_; }
  const Context& ctx() const { return ctx_; }

  // Applies a YAML manifest, and its status if it has one.
  void Write(const std::string& manifest);
  // A token of the service account NAMESPACE/NAME that ends after `lifetime`, which may be past.
  Secret TokenOf(const std::string& ns, const std::string& name,
                 absl::Duration lifetime = absl::Hours(1));

 private:
  const Context ctx_ = Context::Background().WithTimeout(absl::Minutes(2));
  std::stop_source stop_;
  std::unique_ptr<devapi::DevApiServer> api_;
  std::unique_ptr<kube::Client> client_;
  std::unique_ptr<kube::Discovery> discovery_;
  sync_status::Board board_;
  artifact::Hub hub_{"test"};
  rpc::RunningCalls calls_;
  std::unique_ptr<access::Reviewer> reviewer_;
  controller_rpc::Guard guard_;
  std::vector<std::unique_ptr<runtime::Informer>> informers_;
  std::unique_ptr<grpc::Service> status_;
  std::unique_ptr<grpc::Service> artifacts_;
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace sluice::grpc_api
