// SPDX-License-Identifier: Apache-2.0
#include "common/rpc/server.h"

#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#ifdef SLUICE_GRPC_REFLECTION
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#endif

#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/rpc/library_log.h"

namespace sluice::rpc {
namespace {

constexpr std::chrono::seconds kShutdownGrace(2);

class GrpcServer : public Server {
 public:
  GrpcServer(std::unique_ptr<grpc::Server> server, RunningCalls& calls, int port)
      : server_(std::move(server)), calls_(calls), port_(port) {}

  ~GrpcServer() override {
    server_->GetHealthCheckService()->Shutdown();
    calls_.CancelAll();
    server_->Shutdown(std::chrono::system_clock::now() + kShutdownGrace);
    server_->Wait();
  }

  int port() const override { return port_; }

  void SetServing(absl::string_view service, bool serving) override {
    server_->GetHealthCheckService()->SetServingStatus(std::string(service), serving);
  }

 private:
  const std::unique_ptr<grpc::Server> server_;
  RunningCalls& calls_;
  const int port_;
};

// Reflection for one server. The library for it, once linked, offers it on every server of the
// process, so it is taken away where it is not wanted.
class Reflection : public grpc::ServerBuilderOption {
 public:
  explicit Reflection(bool wanted) : wanted_(wanted) {}

  void UpdateArguments(grpc::ChannelArguments*) override {}
  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>* plugins) override {
    std::erase_if(*plugins, [](const std::unique_ptr<grpc::ServerBuilderPlugin>& plugin) {
      return plugin->name() == "proto_server_reflection";
    });
#ifdef SLUICE_GRPC_REFLECTION
    if (wanted_) {
      plugins->push_back(std::make_unique<grpc::reflection::ProtoServerReflectionPlugin>());
    }
#endif
  }

 private:
  [[maybe_unused]] const bool wanted_;
};

std::shared_ptr<grpc::ServerCredentials> Credentials(const ServerOptions& options) {
  if (options.tls.empty()) return grpc::InsecureServerCredentials();
  grpc::experimental::TlsServerCredentialsOptions tls(WatchTlsFiles(options.tls));
  tls.watch_identity_key_cert_pairs();
  if (!options.tls.authorities.empty()) {
    tls.watch_root_certs();
    tls.set_cert_request_type(options.require_client_certificate
                                  ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                                  : GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_AND_VERIFY);
  }
  return grpc::experimental::TlsServerCredentials(tls);
}

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, RunningCalls& calls,
                                                      const std::vector<NamedService>& services) {
  CaptureLibraryLog();
  RETURN_IF_ERROR(CheckTlsFiles(options.tls));
  if (!options.tls.empty() && options.tls.certificate.empty()) {
    return absl::InvalidArgumentError("a gRPC server with client certificates needs its own");
  }
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  int port = 0;
  const std::string address = absl::StartsWith(options.address, ":")
                                  ? absl::StrCat("[::]", options.address)
                                  : options.address;
  builder.AddListeningPort(address, Credentials(options), &port);
  builder.SetMaxReceiveMessageSize(static_cast<int>(options.max_message));
  grpc::ResourceQuota quota;
  quota.SetMaxThreads(options.max_threads);
  builder.SetResourceQuota(quota);
  // One queue and few idle pollers: running calls have threads of their own.
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, 2);
  // Two servers on one port are a mistake, not a way to share it.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.max_streams_per_connection);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(options.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             Milliseconds(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5000);
  builder.SetOption(std::make_unique<Reflection>(options.reflection));
  for (const NamedService& service : services) builder.RegisterService(service.service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(
        absl::StrCat("gRPC server cannot listen on \"", options.address, "\""));
  }
  auto result = std::make_unique<GrpcServer>(std::move(server), calls, port);
  for (const NamedService& service : services) result->SetServing(service.name, true);
  return result;
}

}  // namespace sluice::rpc
